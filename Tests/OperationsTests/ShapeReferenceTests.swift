import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct ShapeReferenceTests {
  typealias Build = @Sendable ([Expr], ReferenceCase) throws -> Expr

  static let builds: [String: Build] = [
    "permuted": { x, c in x[0].permuted(try c.all("axes")) },
    "transposed": { x, _ in x[0].transposed() },
    "swapAxes": { x, c in
      let axes = try c.all("axes")
      return x[0].swapAxes(axes[0], axes[1])
    },
    "moveAxis": { x, c in
      let axes = try c.all("axes")
      return x[0].moveAxis(from: axes[0], to: axes[1])
    },
    "flipped": { x, c in
      let axes = try c.all("axes")
      return axes.count == 1 ? x[0].flipped(axes: axes[0]) : x[0].flipped(axes: axes[0], axes[1])
    },
    "padded": { x, c in
      let w = try c.all("widths")
      let pairs = stride(from: 0, to: w.count, by: 2).map { (w[$0], w[$0 + 1]) }
      return x[0].padded(pairs, value: Double(try c.first("value")))
    },
    "concatenate": { x, c in concatenate(x, axis: try c.first("axis")) },
    "stack": { x, c in stack(x, axis: try c.first("axis")) },
    "tril": { x, c in tril(x[0], diagonal: try c.first("diagonal")) },
    "triu": { x, c in triu(x[0], diagonal: try c.first("diagonal")) },
    "tiled": { x, c in x[0].tiled(try c.all("counts")) },
    "repeated": { x, c in x[0].repeated(try c.first("count"), axis: try c.first("axis")) },
    "iota": { _, c in Expr.iota(Dim(try c.first("count")), try c.dtype()) },
    "eye": { _, c in
      Expr.eye(Dim(try c.first("rows")), columns: Dim(try c.first("columns")), try c.dtype())
    },
    "oneHot": { x, c in oneHot(x[0], classes: Dim(try c.first("classes"))) },
    "take": { x, c in take(x[0], x[1], axis: try c.first("axis")) },
    "takeAlongAxis": { x, c in takeAlongAxis(x[0], x[1], axis: try c.first("axis")) },
    "scatterAdd": { x, c in scatterAdd(x[0], x[1], x[2], axis: try c.first("axis")) },
    "subscript": { x, c in ShapeReferenceTests.subscripts[try c.first("number")](x[0]) },
  ]

  /// The same list stands in `scripts/reference_values.py`.
  static let subscripts: [@Sendable (Expr) -> Expr] = [
    { $0[0] }, { $0[-1] }, { $0[1..<5] }, { $0[1...] }, { $0[..<(-1)] }, { $0[.all, 0] },
    { $0[.ellipsis, -1] }, { $0[1..<(-1), 2] }, { $0[.range(from: 5, to: 1, by: -2)] },
    { $0[.range(by: -1)] }, { $0[.range(by: 4), .range(from: 1, by: 2), .range(by: 3)] },
    { $0[.newAxis] }, { $0[.ellipsis, .newAxis, 0] }, { $0[2..<2] },
    { $0[..<4, 1..<5, (-2)...] }, { $0[.range(from: -2, by: -2), .ellipsis, 1] }, { $0[0, 1, 2] },
  ]

  @Test(arguments: builds.keys.sorted())
  func `as NumPy`(name: String) throws {
    let build = try #require(Self.builds[name])
    for c in try #require(ReferenceCase.byOp[name]) { try c.check(build) }
  }

  @Test func `every case of the fixture has a test`() {
    let tested = Set(Self.builds.keys).union(ReductionsReferenceTests.overAxes.keys)
      .union(ElementwiseReferenceTests.unary.keys).union(ElementwiseReferenceTests.binary.keys)
      .union(["select", "cast", "argmax", "argmin"])
    #expect(Set(ReferenceCase.byOp.keys) == tested)
  }

  @Test func `named sizes: ranges require what they read`() throws {
    let x = Expr.input("x", .float32, ["n", 4])
    let y = x[1..<(-1)]
    #expect(y.shape == ["n" - 2, 4])
    let graph = try Graph.build(name: "f", inputs: [x], results: [y, x[-1], x[.range(by: 2)]])
    #expect(graph.type(of: graph.results[1]).shape == [4])
    let needed = graph.requirements.map { "\($0.left) \($0.relation.rawValue) \($0.right)" }
    #expect(needed.contains("n >= 2") && needed.contains("n >= 1"))
    for n in [2, 5] {
      let data = try Tensor.range(4 * n, .float32).reshaped([n, 4])
      let found = try Interpreter(graph).run([data])
      #expect(Array(found[0].shape) == [n - 2, 4])
      #expect(found[1].doubles == Array(data.doubles.suffix(4)))
      #expect(Array(found[2].shape) == [(n + 1) / 2, 4])
    }
  }

  @Test func `axes of size 1 come and go`() throws {
    let x = Expr.input("x", .float32, ["n", 1, 3])
    #expect(x.squeezed().shape == ["n", 3])
    #expect(x.squeezed(axis: -2).shape == ["n", 3])
    #expect(x.expanded(axis: -1).shape == ["n", 1, 3, 1])
    #expect(x.flattened().shape == [3 * "n"])
    #expect(x.split(sizes: [1, 2], axis: -1).map(\.shape) == [["n", 1, 1], ["n", 1, 2]])
    #expect(x.split(parts: 3, axis: 2).count == 3)
    let f = try Reference.run([
      Expr.zeros(.int8, [2]), Expr.ones(.bool, [1]), Expr.full(2.5, .float16, []),
      Expr.linspace(0, 1, count: 3), Expr.range(0, 5, step: 2),
    ])
    #expect(f.map(\.doubles) == [[0, 0], [1], [2.5], [0, 0.5, 1], [0, 2, 4]])
  }
}
