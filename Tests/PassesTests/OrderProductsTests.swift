import GnomonIR
import GnomonOperations
import GnomonPasses
import GnomonTensors
import TestSupport
import Testing

/// Chains of matrices: their cost against the textbook's recurrence, their values, and what is left alone.
@Suite struct OrderProductsTests {
  private static let pass = pipeline.first { $0.name == "order-products" }!

  /// The product of matrices with the sizes `sizes[i]` by `sizes[i + 1]`, in a random order.
  private func chain(_ sizes: [Dim], _ random: inout SeededRandom) throws -> Graph {
    var builder = GraphBuilder(name: "chain")
    var open = (0..<(sizes.count - 1)).map {
      builder.addParameter(TensorType(.float64, [sizes[$0], sizes[$0 + 1]]), name: "m\($0)")
    }
    while open.count > 1 {
      let i = random.below(open.count - 1)
      let (a, b) = (open.remove(at: i), open.remove(at: i))
      // A product may be kept transposed.
      let isTurned = open.count > 1 && random.below(3) == 0
      let product = try builder.make(Contract(isTurned ? "mk,kn->nm" : "mk,kn->mn"), a, b)
      open.insert(
        isTurned ? try builder.make(Transpose(permutation: [1, 0]), product) : product, at: i)
    }
    builder.setResults(open)
    return try foldedTransposes(builder.graph)
  }

  private func foldedTransposes(_ graph: Graph) throws -> Graph {
    try Pipeline(["fold-transposes", "dead-values"].map { n in pipeline.first { $0.name == n }! })
      .run(graph)
  }

  /// The multiply-adds of all contractions.
  private func cost(_ graph: Graph) throws -> Dim {
    try graph.instructions.reduce(Dim(0)) { total, instruction in
      let labels = try #require((instruction.op as? Contract)?.labels)
      var sizes: [Character: Dim] = [:]
      for (side, v) in zip([labels.left, labels.right], instruction.operands) {
        for (label, size) in zip(side, graph.type(of: v).shape) { sizes[label] = size }
      }
      return total + sizes.values.reduce(1, *)
    }
  }

  /// The cheapest order of a chain (Cormen and others, "Introduction to Algorithms", 15.2), by recursion.
  private func cheapest(_ d: [Int], _ i: Int, _ j: Int) -> Int {
    if i == j { return 0 }
    return (i..<j).map { k in
      cheapest(d, i, k) + cheapest(d, k + 1, j) + d[i] * d[k + 1] * d[j + 1]
    }.min()!
  }

  private func optimized(_ graph: Graph) throws -> Graph {
    try Pipeline([Self.pass, deadValues]).run(graph)
  }

  @Test(arguments: UInt64(0)..<12)
  func `a chain in any order costs what the best order costs`(seed: UInt64) throws {
    var random = SeededRandom(seed)
    // Both ways of searching: of all subsets, and of neighbours.
    let count = seed < 9 ? 3 + Int(seed) % 4 : 9
    let sizes = (0...count).map { _ in 1 + random.below(9) }
    let graph = try chain(sizes.map { Dim($0) }, &random)
    let better = try optimized(graph)
    #expect(try cost(better) == Dim(cheapest(sizes, 0, count - 1)), "\(sizes)\n\(better.text())")
    let arguments = graph.parameters.map { p in
      let shape = graph.type(of: p).shape.map { $0.constant! }
      return Tensor(
        dtype: .float64, shape: Shape(shape),
        doubles: (0..<shape.reduce(1, *)).map { _ in Double(random.below(9)) - 4 })
    }
    // Small whole numbers: no order rounds.
    let (a, b) = (
      try Interpreter(graph).run(arguments)[0], try Interpreter(better).run(arguments)[0]
    )
    #expect(a.identical(to: b))
  }

  @Test(arguments: UInt64(0)..<12)
  func `with named sizes no size costs more than before`(seed: UInt64) throws {
    var random = SeededRandom(100 + seed)
    let names: [Dim] = ["n", "m", 3, "n", 40, 1]
    let sizes = (0...(3 + Int(seed) % 4)).map { _ in names[random.below(names.count)] }
    let graph = try chain(sizes, &random)
    let (before, after) = (try cost(graph), try cost(try optimized(graph)))
    for n in [1, 2, 7, 100, 5000] {
      for m in [1, 3, 64, 2000] {
        let values = ["n": n, "m": m]
        #expect(after.evaluated(names: values)! <= before.evaluated(names: values)!)
      }
    }
  }

  @Test func `a long chain is cut and stays linear`() throws {
    var builder = GraphBuilder(name: "long")
    let matrices = (0..<100).map {
      builder.addParameter(TensorType(.float32, [30, 30]), name: "m\($0)")
    }
    let vector = builder.addParameter(TensorType(.float32, [30]), name: "v")
    var product = try matrices.dropFirst().reduce(matrices[0]) {
      try builder.make(Contract("mk,kn->mn"), $0, $1)
    }
    product = try builder.make(Contract("mk,k->m"), product, vector)
    builder.setResults([product])
    let better = try optimized(builder.graph)
    // Each cut leaves one product of matrices behind; the next round starts at the vector.
    #expect(try cost(better) == Dim(100 * 900))
  }

  @Test func `what is invariant leaves the loop before chains are ordered`() throws {
    let h = Expr.input("h", .float32, [50])
    let w = Expr.input("w", .float32, [50, 50])
    let u = Expr.input("u", .float32, [50, 50])
    let last = scan(steps: 1000, from: h) { tanh(matmul($0, matmul(w, u))) }.last
    let graph = try Graph.build(name: "loop", inputs: [h, w, u], results: [last])
    let better = try Pipeline().run(graph)
    let contracts = better.instructions.filter { $0.op is Contract }
    #expect(contracts.count == 1, "\(better.text())")
  }
}
