import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct ConvolutionPoolTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var size: PerAxis
    var strides: PerAxis?
    var padding: Padding = .valid
    var testDescription: String { name }
    func max(_ x: Expr) -> Expr { maxPool2d(x, size: size, strides: strides, padding: padding) }
    func mean(_ x: Expr) -> Expr {
      averagePool2d(x, size: size, strides: strides, padding: padding)
    }
  }

  static let cases = [
    Case(name: "halves", size: 2), Case(name: "overlapping", size: [3, 2], strides: [1, 2]),
    Case(name: "pool-same", size: 3, strides: 2, padding: .same),
    Case(
      name: "pool-explicit", size: 3, strides: 2, padding: .explicit(low: [1, 1], high: [1, 0])),
  ]

  @Test(arguments: cases) func `pooling agrees with NumPy`(c: Case) throws {
    let x = Expr.constant(try WindowFixtures.load("\(c.name).x"))
    let found = try Reference.run([c.max(x), c.mean(x)])
    #expect(found[0].identical(to: try WindowFixtures.load("\(c.name).max")))
    #expect(found[1].allClose(try WindowFixtures.load("\(c.name).mean")))
  }

  @Test(arguments: cases) func `its gradients are difference quotients`(c: Case) throws {
    let x = try WindowFixtures.load("\(c.name).x")
    try expectGradient([x]) { sum(tanh(c.max($0[0]))) }
    try expectGradient([x]) { sum(tanh(c.mean($0[0]))) }
    try expectGradient([x]) { e in
      sum(tanh(gradient(of: sum(tanh(c.max(e[0]))), withRespectTo: e[0])))
    }
  }

  @Test(arguments: cases) func `every lowering computes what the reference says`(c: Case) throws {
    let value = try WindowFixtures.load("\(c.name).x")
    let x = Expr.input("x", .float64, value.shape.map { Dim($0) })
    let d = gradient(of: sum(tanh(c.max(x))), withRespectTo: x)
    let again = gradient(of: sum(tanh(d)), withRespectTo: x)
    try expectLowerings(
      of: [again], [(x, value)], only: ["max_pool", "max_pool_gradient", "max_pool_take"])
    try expectLowerings(
      of: [gradient(of: sum(tanh(c.mean(x))), withRespectTo: x)], [(x, value)],
      only: ["sum_pool", "sum_pool_gradient"])
  }

  @Test func `the gradient of a tie goes to the first maximum`() throws {
    let x = Expr.input("x", .float64, [1, 2, 4, 1])
    let d = gradient(of: sum(maxPool2d(x, size: 2)), withRespectTo: x)
    let ties = Tensor([[[[1.0], [1], [3], [3]], [[1], [1], [2], [3]]]])
    #expect(try Reference.run(d, [(x, ties)]).doubles == [1, 0, 1, 0, 0, 0, 0, 0])
  }

  @Test func `NaN wins a window and padding never does`() throws {
    let x = Expr.input("x", .float32, [1, 2, 2, 1])
    let values = Tensor([[[[-3.0], [.nan]], [[-5], [-7]]]], dtype: .float32)
    let y = maxPool2d(x, size: 2, strides: 1, padding: .same)
    let found = try Reference.run(y, [(x, values)]).doubles
    #expect(found[0].isNaN && found[1].isNaN && found[2] == -5 && found[3] == -7)
  }

  @Test func `integers are pooled from their own lowest value`() throws {
    let x = Expr.input("x", .int8, [1, 2, 2, 1])
    let low = Tensor([[[[-128.0], [-128]], [[-128], [-100]]]], dtype: .int8)
    let y = maxPool2d(x, size: 2, strides: 1, padding: .same)
    #expect(try Reference.run(y, [(x, low)]).doubles == [-100, -100, -100, -100])
    try expectLowerings(of: [y], [(x, low)], only: ["max_pool"])
  }

  @Test func `mistakes in pooling`() throws {
    let x = Expr.input("x", .float32, [1, 4, 4, 3])
    #expect(try diagnostic(of: maxPool2d(x, size: 5)).code == .windowMalformed)
    #expect(try diagnostic(of: maxPool2d(x, size: 0)).code == .windowMalformed)
    #expect(try diagnostic(of: maxPool2d(sum(x), size: 2)).code == .rankMismatch)
    let n = Expr.input("n", .int32, [1, 4, 4, 3])
    let d = try diagnostic(of: averagePool2d(n, size: 2))
    #expect(d.code == .dtypeNotSupported)
    #expect(d.message.hasPrefix("averagePool2d: "))
  }
}
