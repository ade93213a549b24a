import Foundation
import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct DifferentiationGradientTests {
  let x = Expr.input("x", .float64, [])
  let y = Expr.input("y", .float64, [])

  private func at(_ a: Double, _ b: Double) -> [(Expr, Tensor)] {
    [(x, Tensor(a)), (y, Tensor(b))]
  }

  @Test func `a value used twice collects both derivatives`() throws {
    let d = gradient(of: x * x + x, withRespectTo: x)
    #expect(try Reference.scalar(d, at(3, 0)) == 7)
  }

  @Test func `the loss itself has derivative one`() throws {
    #expect(try Reference.scalar(gradient(of: x, withRespectTo: x), at(3, 0)) == 1)
  }

  @Test func `an input behind another input gets its total derivative`() throws {
    let h = x * x
    let loss = h * h + x
    let (dh, dx) = gradient(of: loss, withRespectTo: h, x)
    let found = try Reference.run([dh, dx], at(2, 0))
    #expect(found[0].double(at: 0) == 8)  // 2 h
    #expect(found[1].double(at: 0) == 33)  // 2 h · 2 x + 1
  }

  @Test func `wanting one value twice gives the derivative twice`() throws {
    let (a, b) = gradient(of: x * y, withRespectTo: x, x)
    let found = try Reference.run([a, b], at(2, 5))
    #expect(found.map { $0.double(at: 0) } == [5, 5])
  }

  @Test func `the Hessian of the Rosenbrock function by differentiating twice`() throws {
    func square(_ e: Expr) -> Expr { e * e }
    let f = square(1 - x) + 100 * square(y - x * x)
    let (dx, dy) = gradient(of: f, withRespectTo: x, y)
    let (dxx, dxy) = gradient(of: dx, withRespectTo: x, y)
    let (dyx, dyy) = gradient(of: dy, withRespectTo: x, y)
    let found = try Reference.run([dx, dy, dxx, dxy, dyx, dyy], at(-1.2, 1))
    // 1200 x² - 400 y + 2, -400 x, 200
    let expected = [-215.6, -88, 1330, 480, 480, 200]
    for (tensor, value) in zip(found, expected) {
      #expect((tensor.double(at: 0) - value).magnitude < 1e-9)
    }
  }

  @Test func `every arity gives its tuple`() throws {
    let v = (0..<6).map { Expr.input("v\($0)", .float64, []) }
    let loss = v.dropFirst().reduce(v[0] * 1) { $0 + $1 * $1 }
    let two = gradient(of: loss, withRespectTo: v[0], v[1])
    let three = gradient(of: loss, withRespectTo: v[0], v[1], v[2])
    let four = gradient(of: loss, withRespectTo: v[0], v[1], v[2], v[3])
    let five = gradient(of: loss, withRespectTo: v[0], v[1], v[2], v[3], v[4])
    let (value, six) = valueAndGradient(
      of: loss, withRespectTo: v[0], v[1], v[2], v[3], v[4], v[5])
    let bindings = v.enumerated().map { ($1, Tensor(Double($0))) }
    let found = try Reference.run(
      [two.1, three.2, four.3, five.4, six.5, value], bindings
    ).map { $0.double(at: 0) }
    #expect(found == [2, 4, 6, 8, 10, 55])
  }

  @Test func `a chain of 50,000 operations on a thread with a small stack`() throws {
    nonisolated(unsafe) var outcome: Result<Double, any Error> = .failure(CancellationError())
    let thread = Thread {
      outcome = Result {
        let x = Expr.input("x", .float64, [])
        var e = x
        for _ in 0..<50_000 { e = e + 1e-5 * x }
        let d = gradient(of: e, withRespectTo: x)
        return try Reference.scalar(d, [(x, Tensor(1.0))])
      }
    }
    thread.stackSize = 512 << 10
    thread.start()
    while !thread.isFinished { usleep(2_000) }
    #expect(try (outcome.get() - 1.5).magnitude < 1e-9)
  }

  @Test func `values that no derivative is wanted for are left alone`() throws {
    let w = Expr.input("w", .float64, [3])
    let loss = sum(tanh(w) * x)
    try expectGradient([sample([3])]) { sum(tanh($0[0]) * 2) }
    let d = gradient(of: loss, withRespectTo: x)
    #expect(d.type == TensorType(.float64, []))
  }

  // MARK: - Refusals

  @Test func `a loss that is not a scalar`() throws {
    let v = Expr.input("v", .float32, [3])
    let d = try diagnostic(of: gradient(of: v * v, withRespectTo: v))
    #expect(d.code == .lossNotScalar)
    #expect(d.help?.contains("sum") == true)
  }

  @Test func `an integer loss`() throws {
    let n = Expr.input("n", .int32, [])
    #expect(try diagnostic(of: gradient(of: n, withRespectTo: n)).code == .lossNotScalar)
  }

  @Test func `an integer variable`() throws {
    let n = Expr.variable("count", Tensor([1, 2], dtype: .int32))
    let d = try diagnostic(of: gradient(of: x, withRespectTo: n))
    #expect(d.code == .integerVariable)
    #expect(d.message.contains("`count` is int32"))
  }

  @Test func `a value the loss does not use`() throws {
    let (dx, dy) = gradient(of: x * x, withRespectTo: x, y)
    #expect(!dx.isInvalid)
    let d = try diagnostic(of: dy)
    #expect(d.code == .disconnected)
    #expect(d.message.contains("nothing that the loss uses depends on it"))
  }

  @Test func `a disconnected value with zeros asked for`() throws {
    let w = Expr.input("w", .float64, [2])
    let d = gradient(of: x * x, withRespectTo: w, disconnected: .zeros)
    #expect(try Reference.run(d, [(x, Tensor(1.0)), (w, sample([2]))]).doubles == [0, 0])
  }

  @Test func `an invalid loss stays invalid with one diagnostic`() throws {
    let bad = Expr.input("a", .float32, [2]) + Expr.input("b", .float32, [3])
    let d = gradient(of: sum(bad), withRespectTo: x)
    #expect(try diagnostic(of: d).code == .broadcastMismatch)
  }
}

@Suite struct DifferentiationPathTests {
  let w = Expr.input("w", .float32, [4])

  @Test(arguments: ["argument_maximum", "floor", "stop_gradient", "greater"])
  func `a path that ends names the operation where it does`(_ mnemonic: String) throws {
    let h = tanh(w) * 2
    let loss =
      switch mnemonic {
      case "argument_maximum": argmax(h, axis: 0).cast(to: .float32)
      case "floor": sum(floor(h) * 3)
      case "stop_gradient": sum(stopGradient(h) + 1)
      default: sum((h .> 0).cast(to: .float32))
      }
    let d = try diagnostic(of: gradient(of: loss, withRespectTo: w))
    #expect(d.code == .disconnected)
    #expect(d.message.hasPrefix("gradient: the path from `w` stops at "))
    #expect(d.evidence.count == 2)
    let zero = gradient(of: loss, withRespectTo: w, disconnected: .zeros)
    #expect(try Reference.run(zero, [(w, sample([4]).cast(to: .float32))]).doubles == [0, 0, 0, 0])
    // The value behind the end is the one to blame, not the last operation of the loss.
    let named = ["argument_maximum": "argmax", "stop_gradient": "stop_gradient", "floor": "floor"]
    if let name = named[mnemonic] { #expect(d.message.contains(" \(name), "), "\(d.message)") }
  }

  @Test func `one live path is enough`() throws {
    let loss = sum(stopGradient(w) * w)
    let d = gradient(of: loss, withRespectTo: w)
    let at = Tensor([1.0, 2, 3, 4], dtype: .float32)
    #expect(try Reference.run(d, [(w, at)]).doubles == [1, 2, 3, 4])
  }
}
