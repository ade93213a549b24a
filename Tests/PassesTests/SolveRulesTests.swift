import GnomonIR
import GnomonOperations
import GnomonPasses
import GnomonTensors
import Testing

/// Products with an inverse, of all forms: which become solves, and that the values stay.
@Suite struct SolveRulesTests {
  struct Product: Sendable, CustomTestStringConvertible {
    var spec: String
    /// Whether the inverse comes first.
    var isLeft = true
    var isSolve = true
    var testDescription: String { spec }
  }

  private static let products = [
    Product(spec: "bij,bjk->bik"), Product(spec: "bij,bj->bi"), Product(spec: "bij,bi->bj"),
    Product(spec: "bkj,bij->bki", isLeft: false), Product(spec: "bij,bklj->lbik"),
    Product(spec: "bij,bjk->kib"), Product(spec: "bkj,bjk->bjk", isSolve: false),
    Product(spec: "bij,bji->b", isSolve: false), Product(spec: "bij,bjk->ik", isSolve: false),
    Product(spec: "bij,jk->bik", isSolve: false), Product(spec: "bij,bjk->bi"),
  ]

  @Test(arguments: products)
  func `what sums over one axis of an inverse is a solve`(_ product: Product) throws {
    let sizes: [Character: Int] = ["b": 2, "i": 3, "j": 3, "k": 3, "l": 2]
    let a = Expr.input("a", .float64, [2, 3, 3])
    let labels = try #require(Contract(product.spec).labels)
    let other = (product.isLeft ? labels.right : labels.left).map { Dim(sizes[$0]!) }
    let b = Expr.input("b", .float64, other)
    let operands = product.isLeft ? [inverse(a), b] : [b, inverse(a)]
    let graph = try Graph.build(
      name: "product", inputs: [a, b], results: [einsum(product.spec, operands[0], operands[1])])
    let better = try Pipeline().run(graph)
    #expect(better.text().contains("linear_solve") == product.isSolve, "\(better.text())")
    #expect(better.text().contains("matrix_inverse") != product.isSolve)
    let values = (0..<18).map { (i: Int) -> Double in
      i % 9 % 4 == 0 ? 4 : Double(i * 7 % 5) - 2
    }
    let shape = other.map { $0.constant! }
    let tensors = [
      Tensor(dtype: .float64, shape: [2, 3, 3], doubles: values),
      Tensor(
        dtype: .float64, shape: shape,
        doubles: (0..<shape.reduce(1, *)).map { (i: Int) -> Double in Double(i * i % 7) }),
    ]
    let (before, after) = (
      try Interpreter(graph).run(tensors)[0], try Interpreter(better).run(tensors)[0]
    )
    #expect(before.shape == after.shape)
    #expect(zip(before.doubles, after.doubles).allSatisfy { abs($0 - $1) <= 1e-13 })
  }
}
