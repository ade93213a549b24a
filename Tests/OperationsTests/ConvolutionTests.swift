import Foundation
import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

/// Arrays that `scripts/make-window-fixtures.py` made with NumPy.
enum WindowFixtures {
  static let arrays: [String: Tensor] = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/windows.npz").path
    return (try? Tensor.readNPZDictionary(path)) ?? [:]
  }()

  static func load(_ name: String) throws -> Tensor { try #require(arrays[name]) }
}

@Suite struct ConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var strides: PerAxis = 1
    var padding: Padding = .valid
    var dilations: PerAxis = 1
    var groups = 1
    var testDescription: String { name }

    func apply(_ x: Expr, _ w: Expr) -> Expr {
      switch x.rank {
      case 3: conv1d(x, w, strides: strides, padding: padding, dilations: dilations, groups: groups)
      case 4: conv2d(x, w, strides: strides, padding: padding, dilations: dilations, groups: groups)
      default:
        conv3d(x, w, strides: strides, padding: padding, dilations: dilations, groups: groups)
      }
    }
  }

  static let cases = [
    Case(name: "plain"), Case(name: "strided", strides: [2, 3]), Case(name: "same", padding: .same),
    Case(name: "same-strided", strides: 2, padding: .same),
    Case(name: "dilated", strides: [1, 2], dilations: [2, 3]),
    Case(name: "explicit", strides: [2, 1], padding: .explicit(low: [1, 0], high: [2, 3])),
    Case(name: "grouped", groups: 2), Case(name: "depthwise", padding: .same, groups: 3),
    Case(name: "skipping", strides: [2, 3], padding: .same),
    Case(name: "line", strides: 2, padding: .same, dilations: 2),
  ]

  @Test(arguments: cases) func `a convolution agrees with NumPy`(c: Case) throws {
    let x = try WindowFixtures.load("\(c.name).x")
    let w = try WindowFixtures.load("\(c.name).w")
    let found = try Reference.run(c.apply(.constant(x), .constant(w)))
    #expect(found.allClose(try WindowFixtures.load("\(c.name).y"), atol: 1e-12))
  }

  @Test func `a convolution over volumes agrees with NumPy`() throws {
    let x = try WindowFixtures.load("volume.x")
    let w = try WindowFixtures.load("volume.w")
    // The fixture pads the last two axes as `same` does.
    let y = conv3d(
      .constant(x), .constant(w), strides: [1, 2, 1],
      padding: .explicit(low: [0, 0, 0], high: [0, 0, 1]))
    #expect(try Reference.run(y).allClose(try WindowFixtures.load("volume.y"), atol: 1e-12))
  }

  @Test(arguments: cases) func `its gradients are difference quotients`(c: Case) throws {
    let x = try WindowFixtures.load("\(c.name).x")
    let w = try WindowFixtures.load("\(c.name).w")
    try expectGradient([x, w]) { sum(tanh(c.apply($0[0], $0[1]))) }
  }

  @Test(arguments: cases) func `every lowering computes what the reference says`(c: Case) throws {
    let (x, w) = (
      try WindowFixtures.load("\(c.name).x"), try WindowFixtures.load("\(c.name).w")
    )
    let a = Expr.input("x", .float64, ["n"] + x.shape.dropFirst().map { Dim($0) })
    let b = Expr.input("w", .float64, w.shape.map { Dim($0) })
    let y = c.apply(a, b)
    let (dx, dw) = gradient(of: sum(tanh(y)), withRespectTo: a, b)
    try expectLowerings(
      of: [dx, dw], [(a, x), (b, w)],
      only: ["convolution", "convolution_input_gradient", "convolution_kernel_gradient"])
  }

  @Test func `second derivatives pass through both gradients`() throws {
    let x = sample([1, 4, 3, 2], seed: 5)
    let w = sample([2, 2, 2, 2], seed: 6)
    try expectGradient([x, w]) { e in
      let y = conv2d(e[0], e[1], strides: [2, 1], padding: .same)
      let (dx, dw) = gradient(of: sum(y * y * y), withRespectTo: e[0], e[1])
      return sum(dx * dx) + sum(tanh(dw))
    }
  }

  @Test func `sizes may be named`() throws {
    let x = Expr.input("x", .float64, ["n", "h", "w", 2])
    let kernel = sample([3, 3, 2, 4])
    let y = conv2d(x, .constant(kernel), strides: 2, padding: .same)
    let h: Dim = "h"
    #expect(
      y.shape == ["n", (h + 1).quotient(dividingBy: 2), (Dim("w") + 1).quotient(dividingBy: 2), 4])
    #expect(conv2d(x, .constant(kernel), padding: .same).shape == ["n", "h", "w", 4])
    let value = sample([2, 5, 6, 2])
    let fixed = conv2d(.constant(value), .constant(kernel), strides: 2, padding: .same)
    #expect(try Reference.run(y, [(x, value)]).identical(to: Reference.run(fixed)))
    let dx = gradient(of: sum(tanh(y)), withRespectTo: x)
    try expectLowerings(
      of: [dx], [(x, value)], only: ["convolution", "convolution_input_gradient"])
  }

  @Test func `integers and half floats`() throws {
    let x = sample([1, 3, 3, 1])
    let w = sample([2, 2, 1, 1])
    let scaled = x.doubles.map { ($0 * 8).rounded() }
    let n = Tensor(dtype: .int32, shape: x.shape, doubles: scaled)
    let k = Tensor(dtype: .int32, shape: w.shape, doubles: w.doubles.map { ($0 * 8).rounded() })
    let exact = try Reference.run(
      conv2d(.constant(n.cast(to: .float64)), .constant(k.cast(to: .float64))))
    #expect(try Reference.run(conv2d(.constant(n), .constant(k))).doubles == exact.doubles)
    let half = try Reference.run(
      conv2d(.constant(x.cast(to: .float16)), .constant(w.cast(to: .float16))))
    #expect(half.dtype == .float16)
  }

  @Test func `an empty batch`() throws {
    let x = Expr.input("x", .float32, ["n", 4, 4, 1])
    let y = conv2d(x, .constant(sample([3, 3, 1, 2]).cast(to: .float32)))
    #expect(try Reference.run(y, [(x, .zeros(.float32, [0, 4, 4, 1]))]).shape == [0, 2, 2, 2])
  }

  // MARK: - Refusals

  static let mistakes: [([Dim], [Dim], DType, PerAxis, Int, DiagnosticCode)] = [
    ([1, 4, 4, 3], [3, 3, 2, 8], .float32, 1, 1, .innerDimensionsDiffer),
    ([1, 4, 4], [3, 3, 2, 8], .float32, 1, 1, .rankMismatch),
    ([1, 4, 4, 3], [3, 3, 8], .float32, 1, 1, .rankMismatch),
    ([1, 4, 4, 3], [5, 3, 3, 8], .float32, 1, 1, .windowMalformed),
    ([1, 4, 4, 3], [3, 3, 3, 8], .float64, 1, 1, .dtypeMismatch),
    ([1, 4, 4, 3], [3, 3, 3, 8], .float32, 0, 1, .windowMalformed),
    ([1, 4, 4, 3], [3, 3, 3, 8], .float32, [1, 1, 1], 1, .windowMalformed),
    ([1, 4, 4, 4], [3, 3, 2, 7], .float32, 1, 2, .windowMalformed),
    ([1, 4, 4, 3], [3, 3, 3, 8], .float32, 1, 0, .innerDimensionsDiffer),
  ]

  @Test(arguments: mistakes) func `a mistake in a convolution`(
    x: [Dim], w: [Dim], dtype: DType, strides: PerAxis, groups: Int, code: DiagnosticCode
  ) throws {
    let y = conv2d(
      .input("x", .float32, x), .input("w", dtype, w), strides: strides, groups: groups)
    let d = try diagnostic(of: y)
    #expect(d.code == code)
    #expect(d.message.hasPrefix("conv2d: "))
  }
}
