import Gnomon
import Testing

/// Mistakes at the call, and that nothing is lost by them.
@Suite struct CallTests {
  init() { #expect(usesOwnCache) }

  private func code(_ body: () throws -> Void) -> DiagnosticCode? {
    do { try body() } catch let error as GnomonError { return error.diagnostics.first?.code } catch
    {}
    return nil
  }

  static let options = [
    CompileOptions(mode: .fast), CompileOptions(mode: .fast, interpreted: true),
  ]

  @Test(arguments: options.indices)
  func `arguments that do not fit are refused, and say which`(_ number: Int) throws {
    let x = Expr.input("x", .float32, ["batch", 4])
    let y = Expr.input("y", .float32, ["batch"])
    let f = try compile(
      inputs: [x, y], outputs: [sum(x, axes: 1) + y], options: Self.options[number])
    let good = Tensor.ones(.float32, [3, 4])
    let row = Tensor.ones(.float32, [3])
    #expect(try f.outputs([good, row])[0].doubles == [5, 5, 5])
    #expect(code { _ = try f.outputs([good]) } == .argumentCount)
    #expect(code { _ = try f.outputs([good, row, row]) } == .argumentCount)
    #expect(code { _ = try f.outputs([.ones(.float64, [3, 4]), row]) } == .argumentDType)
    #expect(code { _ = try f.outputs([.ones(.float32, [3, 5]), row]) } == .argumentSize)
    #expect(code { _ = try f.outputs([.ones(.float32, [12]), row]) } == .argumentRank)
    #expect(code { _ = try f.outputs([good, .ones(.float32, [2])]) } == .dimensionConflict)
    do {
      _ = try f.outputs([good, .ones(.float32, [2])])
    } catch let error as GnomonError {
      let text = "\(error)"
      #expect(text.contains("batch") && text.contains("`x`") && text.contains("`y`"))
      #expect(text.contains("3") && text.contains("2"))
      #expect(text.contains("CallTests.swift"), "the line of the input: \(text)")
    }
    // A good call after bad ones.
    #expect(try f.outputs([good, row])[0].doubles == [5, 5, 5])
  }

  @Test(arguments: options.indices)
  func `a requirement on sizes is checked at the call`(_ number: Int) throws {
    let x = Expr.input("x", .float32, ["n", 2])
    let y = Expr.input("y", .float32, ["m"])
    let f = try compile(
      inputs: [x, y], outputs: [x.reshaped([Dim("n") * 2]) + y.reshaped([Dim("m")])[0..<1]],
      options: Self.options[number])
    #expect(try f.outputs([.ones(.float32, [2, 2]), .ones(.float32, [1])])[0].shape == [4])
    #expect(code { _ = try f.outputs([.ones(.float32, [2, 2]), .ones(.float32, [0])]) } != nil)
  }

  @Test(arguments: options.indices)
  func `an index out of range changes no variable, not even in place`(_ number: Int) throws {
    let start = Tensor.normal(.float32, [8, 5], seed: 1)
    let w = Expr.variable("w", start)
    let steps = Expr.variable("steps", Tensor(0, dtype: .int64))
    let i = Expr.input("i", .int32, ["k"])
    let step = try compile(
      inputs: [i], outputs: [take(w, i)], updates: [w: w * 2, steps: steps + 1],
      options: Self.options[number])
    let rows = try step.outputs([Tensor([7, 0] as [Int32])])[0]
    #expect(rows.shape == [2, 5])
    let after = w.value
    for bad in [[0, 8], [-1, 0], [3, Int32.max], [Int32.min]] {
      #expect(code { _ = try step.outputs([Tensor(bad)]) } == .indexOutOfRange)
      #expect(w.value.identical(to: after))
      #expect(steps.value.integers == [1])
    }
    do { _ = try step.outputs([Tensor([2, 8, 9] as [Int32])]) } catch {
      let text = "\(error)"
      #expect(text.contains("8") && text.contains("1"), "\(text)")
    }
    _ = try step.outputs([Tensor([1] as [Int32])])
    #expect(steps.value.integers == [2])
  }

  @Test(arguments: options.indices)
  func `a label out of range changes no variable`(_ number: Int) throws {
    let w = Expr.variable("w", .normal(.float32, [6, 4], seed: 3))
    let x = Expr.input("x", .float32, ["batch", 6])
    let y = Expr.input("y", .int32, ["batch"])
    let loss = mean(softmaxCrossEntropy(logits: matmul(x, w), labels: y))
    let step = try compile(
      inputs: [x, y], outputs: [loss],
      updates: [w: w - 0.1 * gradient(of: loss, withRespectTo: w)], options: Self.options[number])
    let images = Tensor.normal(.float32, [3, 6], seed: 4)
    let before = w.value
    #expect(
      code { _ = try step.outputs([images, Tensor([0, 4, 1] as [Int32])]) } == .indexOutOfRange)
    #expect(
      code { _ = try step.outputs([images, Tensor([0, -1, 1] as [Int32])]) } == .indexOutOfRange)
    #expect(w.value.identical(to: before))
    _ = try step.outputs([images, Tensor([0, 3, 1] as [Int32])])
    #expect(!w.value.identical(to: before))
  }

  @Test(arguments: options.indices)
  func `no rows at all give results with no rows`(_ number: Int) throws {
    let x = Expr.input("x", .float32, ["batch", 6])
    let w = Expr.variable("w", .normal(.float32, [6, 4], seed: 3))
    let f = try compile(
      inputs: [x], outputs: [softmax(matmul(x, w)), sum(x, axes: 0), sum(x)],
      updates: [w: w + matmul(x.transposed(), matmul(x, w))], options: Self.options[number])
    let before = w.value
    let results = try f.outputs([.zeros(.float32, [0, 6])])
    #expect(results[0].shape == [0, 4])
    #expect(results[1].doubles == [0, 0, 0, 0, 0, 0])
    #expect(results[2].doubles == [0])
    #expect(w.value.identical(to: before))
  }

  @Test func `sizes whose product overflows are refused at the call`() throws {
    let x = Expr.input("x", .float32, ["n"])
    let f = try compile(
      inputs: [x], outputs: [x.broadcast(to: [Dim(1 << 40), "n"])],
      options: CompileOptions(mode: .fast))
    let large = Tensor.zeros(.float32, [1 << 12])
    #expect(code { _ = try f.outputs([large]) } == .sizeOverflowAtCall)
  }

  @Test func `two parameters of one name are refused`() throws {
    let x = Expr.input("x", .float32, ["n"])
    let w = Expr.variable("x", .ones(.float32, []))
    #expect(code { _ = try compile(inputs: [x], outputs: [x * w]) } == .duplicateName)
  }

  static let names = [
    "two words", "\"quoted\"", "end */ of comment", "// line \\", "a\nb", "100 %d %s %n",
    "größe 数 🙂",
    "??/ ??)", "", "int", "\u{0}", "#define x", "x'); DROP", "\\u0041", "gn_entry", "context",
  ]

  @Test(arguments: names)
  func `any name of inputs, variables, dimensions and functions is harmless`(_ name: String) throws
  {
    let x = Expr.input(name, .float32, [Dim(named: name), 3])
    let w = Expr.variable(name + " too", .ones(.float32, [3]))
    let f = try compile(
      inputs: [x], outputs: [sum(tanh(x) * w, axes: 0)], updates: [w: w + 1],
      options: CompileOptions(name: name, mode: .fast))
    let result = try f.outputs([.zeros(.float32, [5, 3])])
    #expect(result[0].doubles == [0, 0, 0])
    #expect(w.value.doubles == [2, 2, 2])
    _ = (f.ir, f.optimizedIR, f.loops, f.cSource, "\(f.plan)")
  }
}
