import Gnomon
import Testing

/// `evaluate`, `givens`, and results that go into the caller's tensors.
@Suite struct EvaluateTests {
  init() { #expect(usesOwnCache) }

  // MARK: - evaluate

  @Test func `evaluate computes constants, inputs and the present values of variables`() throws {
    let two = Expr.constant(Tensor([2, 4] as [Float]))
    #expect(try evaluate(two * two).doubles == [4, 16])
    let x = Expr.input("x", .float32, ["n"])
    let w = Expr.variable("w", Tensor([10, 20] as [Float]))
    #expect(try evaluate(x + w, [x: Tensor([1, 2] as [Float])]).doubles == [11, 22])
    w.value = Tensor([0, 1] as [Float])
    #expect(try evaluate(x + w, [x: Tensor([1, 2] as [Float])]).doubles == [1, 3])
  }

  @Test func `evaluate of much work is compiled, and the same`() throws {
    let x = Expr.input("x", .float32, ["n", "m"])
    let large = Tensor.normal(.float32, [200, 300], seed: 1)
    let value = try evaluate(matmul(x, x.transposed()), [x: large])
    #expect(value.shape == [200, 200])
    // The first rows alone are little work.
    let few = try evaluate(matmul(x, x.transposed()), [x: large.rows(0..<3)])
    let same = (0..<3).flatMap { i in (0..<3).map { value.doubles[200 * i + $0] } }
    #expect(Tensor(same).allClose(Tensor(few.doubles), rtol: 1e-4, atol: 1e-3))
  }

  @Test func `evaluate without an input that it needs is a mistake`() {
    let x = Expr.input("x", .float32, ["n"])
    #expect(throws: GnomonError.self) { try evaluate(x * 2) }
  }

  // MARK: - givens

  private func value(
    _ expression: Expr, of input: Expr, givens: KeyValuePairs<Expr, Expr>
  ) throws -> [Double] {
    let f = try compile(
      inputs: [input], outputs: [expression], givens: givens,
      options: CompileOptions(mode: .fast, interpreted: true))
    return try f(Tensor([1, 2, 3] as [Float])).doubles
  }

  @Test func `givens replace parts of a graph`() throws {
    let x = Expr.input("x", .float32, [3])
    let y = Expr.input("y", .float32, [3])
    // An input, by an expression in another one.
    #expect(try value(x * x + 1, of: y, givens: [x: y + 1]) == [5, 10, 17])
    // Not an input: everything that uses the value takes the other one.
    let square = x * x
    #expect(try value(square + square * 2, of: x, givens: [square: x]) == [3, 6, 9])
    // Each stands for what the graph had: x is not replaced within its own replacement.
    #expect(try value(x * 10, of: x, givens: [x: x + 1]) == [20, 30, 40])
    // Two at once, also where one occurs in the other.
    #expect(try value(square - x, of: y, givens: [x: y * 2, square: y]) == [-1, -2, -3])
  }

  @Test func `what a replacement shares with the rest is made once, and training holds in both`()
    throws
  {
    let x = Expr.input("x", .float32, [3])
    let y = Expr.input("y", .float32, [3])
    let shared = exp(y)
    let f = try compile(
      inputs: [y], outputs: [x + shared], givens: [x: shared * select(.training, 2, 3)],
      options: CompileOptions(mode: .fast, interpreted: true))
    #expect(try f(Tensor([0, 0, 0] as [Float])).doubles == [4, 4, 4])
    #expect(f.ir.split(separator: "\n").filter { $0.contains(" exp ") }.count == 1)
  }

  @Test func `what an unused given stands for need not be listed`() throws {
    let x = Expr.input("x", .float32, [3])
    let y = Expr.input("y", .float32, [3])
    let other = Expr.input("other", .float32, [3])
    #expect(try value(y * 2, of: y, givens: [x: other]) == [2, 4, 6])
  }

  @Test func `a given variable is not part of the function`() throws {
    let x = Expr.input("x", .float32, [3])
    let w = Expr.variable("w", Tensor([5, 5, 5] as [Float]))
    #expect(try value(w * x, of: x, givens: [w: x]) == [1, 4, 9])
  }

  // MARK: - into

  static let threads = [1, 2]

  @Test(arguments: threads) func `results go into the caller's tensor`(_ threads: Int) throws {
    let x = Expr.input("x", .float32, ["n", 40])
    let y = Expr.input("y", .float32, ["n", 40])
    let options = CompileOptions(mode: .fast, threads: threads)
    let one = try compile(inputs: [x], outputs: [softmax(x)], options: options)
    let z = Expr.input("z", .float32, [40])
    let two = try compile(inputs: [x, y], outputs: [tanh(x) * y], options: options)
    let three = try compile(inputs: [x, y, z], outputs: [x + y + z], options: options)
    let (a, b) = (
      Tensor.normal(.float32, [300, 40], seed: 1), Tensor.normal(.float32, [300, 40], seed: 2)
    )
    var result = Tensor.zeros(.float32, [300, 40])
    let place = result.withUnsafeBytes { $0.baseAddress }
    try one(a, into: &result)
    #expect(result.identical(to: try one(a)))
    try two(a, b, into: &result)
    #expect(result.identical(to: try two(a, b)))
    let c = Tensor.normal(.float32, [40], seed: 3)
    try three(a, b, c, into: &result)
    #expect(result.identical(to: try three(a, b, c)))
    #expect(result.withUnsafeBytes { $0.baseAddress } == place, "no other memory was taken")
  }

  @Test func `what does not fit a call of few arguments is said as for many`() throws {
    let (x, y) = (Expr.input("x", .float32, ["n"]), Expr.input("y", .float32, ["n"]))
    let z = Expr.input("z", .float32, [3])
    let options = CompileOptions(mode: .fast)
    let f = try compile(inputs: [x, y, z], outputs: [x * y + sum(z)], options: options)
    let good = Tensor([1, 2] as [Float])
    let three = Tensor([1, 2, 3] as [Float])
    let wrong: [[Tensor]] = [
      [good, three, three], [good, good, good], [good, good, Tensor([1, 2, 3] as [Double])],
      [good, Tensor([[1, 2]] as [[Float]]), three], [Tensor.zeros(.float32, []), good, three],
    ]
    for arguments in wrong {
      let long = #expect(throws: GnomonError.self) { try f.outputs(arguments) }
      let (a, b, c) = (arguments[0], arguments[1], arguments[2])
      let short = #expect(throws: GnomonError.self) { try f(a, b, c) as Tensor }
      var result = good
      let given = #expect(throws: GnomonError.self) { try f(a, b, c, into: &result) }
      #expect("\(long!)" == "\(short!)" && "\(long!)" == "\(given!)")
    }
    #expect(throws: GnomonError.self) { try f(good, good) as Tensor }
    #expect(try f(good, good, three).doubles == [7, 10])
  }

  @Test func `a tensor that is shared is copied first`() throws {
    let x = Expr.input("x", .float32, ["n"])
    let f = try compile(inputs: [x], outputs: [x * 2], options: CompileOptions(mode: .fast))
    let before = Tensor([7, 7] as [Float])
    var result = before
    try f(Tensor([1, 2] as [Float]), into: &result)
    #expect(result.doubles == [2, 4] && before.doubles == [7, 7])
    // The argument itself as the place of the result.
    var own = Tensor([1, 2] as [Float])
    try f(own, into: &own)
    #expect(own.doubles == [2, 4])
  }

  @Test func `a tensor of another type or shape is refused and keeps its elements`() throws {
    let x = Expr.input("x", .float32, ["n"])
    let f = try compile(inputs: [x], outputs: [x * 2], options: CompileOptions(mode: .fast))
    for wrong in [
      Tensor([1, 2, 3] as [Float]), Tensor([1, 2] as [Double]), Tensor([[1, 2]] as [[Float]]),
    ] {
      var result = wrong
      let error = #expect(throws: GnomonError.self) {
        try f(Tensor([1, 2] as [Float]), into: &result)
      }
      #expect(error?.diagnostics.first?.code == .outputBuffer)
      #expect(result.identical(to: wrong))
    }
  }
}
