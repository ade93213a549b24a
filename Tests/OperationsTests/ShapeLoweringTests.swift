import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

/// What loops are told to compute, against the reference meaning, over the cases of the fixture.
@Suite struct ShapeLoweringTests {
  private func check(_ name: String, _ build: ShapeReferenceTests.Build) throws {
    for c in try #require(ReferenceCase.byOp[name]) {
      let tensors = try c.operands.map(ReferenceCase.tensor)
      let inputs = tensors.enumerated().map { i, t in
        Expr.input("x\(i)", t.dtype, t.shape.map { Dim($0) })
      }
      let e = try build(inputs, c)
      try #require(!e.isInvalid)
      let graph = try Graph.build(name: "f", inputs: inputs, results: [e])
      let differences = try compareLowerings(graph, tensors)
      #expect(differences.isEmpty, "\(c.testDescription): \(differences)")
    }
  }

  @Test(arguments: ShapeReferenceTests.builds.keys.sorted())
  func `shapes and indices`(name: String) throws {
    try check(name, try #require(ShapeReferenceTests.builds[name]))
  }

  @Test(arguments: ElementwiseReferenceTests.unary.keys.sorted())
  func `one operand`(name: String) throws {
    let f = try #require(ElementwiseReferenceTests.unary[name])
    try check(name) { x, _ in f(x[0]) }
  }

  @Test(arguments: ElementwiseReferenceTests.binary.keys.sorted())
  func `two operands`(name: String) throws {
    let f = try #require(ElementwiseReferenceTests.binary[name])
    try check(name) { x, _ in f(x[0], x[1]) }
  }

  @Test(arguments: ReductionsReferenceTests.overAxes.keys.sorted())
  func `reductions`(name: String) throws {
    let f = try #require(ReductionsReferenceTests.overAxes[name])
    try check(name) { x, c in f(x[0], try c.all("axes"), try c.first("keep") == 1) }
  }

  @Test func `select, casts and positions`() throws {
    try check("select") { x, _ in select(x[0], x[1], x[2]) }
    try check("cast") { x, c in x[0].cast(to: try c.dtype("target")) }
    try check("argmax") { x, c in argmax(x[0], axis: try c.first("axis")) }
    try check("argmin") { x, c in argmin(x[0], axis: try c.first("axis")) }
  }

  @Test(arguments: ShapeGradientTests.functions.keys.sorted())
  func `derivatives, with named sizes`(name: String) throws {
    let f = try #require(ShapeGradientTests.functions[name])
    let x = Expr.input("x", .float64, [3, 4, 2])
    let d = gradient(of: sum(square(f(x))), withRespectTo: x)
    let graph = try Graph.build(name: "f", inputs: [x], results: [d])
    #expect(try compareLowerings(graph, [sample([3, 4, 2], seed: 8)]).isEmpty)
  }

  @Test func `named sizes`() throws {
    let x = Expr.input("x", .float64, ["n", "m"])
    let i = Expr.input("i", .int32, ["k"])
    let parts = [
      x[1..., .range(from: -1, by: -2)], concatenate([x, x[..<(-1)]]), x.padded([(1, 2), (0, 1)]),
      take(x, i), scatterAdd(x, i, take(x, i)), mean(x), tril(x), x.tiled([2, 1]), x.flipped(),
      oneHot(i, classes: "n"), takeAlongAxis(x, argmax(x, axis: 1, keepDims: true), axis: 1),
      Expr.eye("m"), stack([x, x], axis: 1),
    ]
    let loss = parts.reduce(Expr(0)) { $0 + sum(square($1.cast(to: .float64))) }
    let d = gradient(of: loss, withRespectTo: x)
    let graph = try Graph.build(name: "f", inputs: [x, i], results: [loss, d])
    for (n, m) in [(3, 4), (1, 1), (2, 3)] {
      let indices = Tensor([Int32(0), Int32(n - 1), 0])
      let found = try compareLowerings(graph, [sample([n, m], seed: 4), indices])
      #expect(found.isEmpty)
    }
  }
}
