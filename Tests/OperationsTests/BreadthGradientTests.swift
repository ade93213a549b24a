import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

/// Derivatives of functions made of many operations, against difference quotients.
@Suite struct BreadthGradientTests {
  /// Of one tensor; operands are moved into the domain, away from kinks.
  static let functions: [String: @Sendable (Expr) -> Expr] = [
    "asin": { asin(0.9 * $0) }, "acos": { acos(0.9 * $0) }, "atan": { atan(2 * $0) },
    "sinh": { sinh(2 * $0) }, "cosh": { cosh(2 * $0) }, "asinh": { asinh(2 * $0) },
    "acosh": { acosh($0 + 2.5) }, "atanh": { atanh(0.9 * $0) }, "exp2": { exp2($0) },
    "log2": { log2($0 + 1.5) }, "log10": { log10($0 + 1.5) }, "cbrt": { cbrt($0 + 1.5) },
    "erfc": { erfc($0) }, "erfcx": { erfcx($0) }, "erfinv": { erfinv(0.9 * $0) },
    "erfcinv": { erfcinv($0 + 1) }, "logGamma": { logGamma($0 + 1.5) },
    "gamma": { gamma($0 + 1.5) }, "digamma": { digamma($0 + 1.5) },
    "polygamma": { polygamma(1, $0 + 1.5) }, "besselI0Scaled": { besselI0Scaled(3 * $0) },
    "besselI1Scaled": { besselI1Scaled(3 * $0) }, "besselJ0": { besselJ0(3 * $0) },
    "besselJ1": { besselJ1(3 * $0) }, "normalCDF": { normalCDF($0) },
    "normalQuantile": { normalQuantile(0.4 * $0 + 0.5) }, "logNormalCDF": { logNormalCDF(3 * $0) },
    "log1mexp": { log1mexp($0 - 1.2) }, "logit": { logit(0.4 * $0 + 0.5) },
    "sinc": { sinc(2 * $0) }, "elu": { elu(3 * $0) }, "selu": { selu(3 * $0) },
    "celu": { celu(3 * $0, alpha: 2) }, "silu": { silu(3 * $0) }, "mish": { mish(3 * $0) },
    "softsign": { softsign($0) }, "squareplus": { squareplus($0) },
    "sparsePlus": { sparsePlus(1.7 * $0) }, "sparsemax": { sparsemax(2 * $0) },
    "gelu by tanh": { gelu($0, approximate: true) }, "glu": { glu($0) },
    "cumulativeSum": { cumulativeSum($0) }, "cumulativeProduct": { cumulativeProduct($0, axis: 0) },
    "cumulativeMax": { cumulativeMax($0) },
    "cumulativeMin": { cumulativeMin($0, axis: 0, reversed: true) },
    "cumulativeLogSumExp": { cumulativeLogSumExp(3 * $0) }, "sorted": { sorted($0) },
    "median": { median($0) }, "quantile": { quantile($0, 0.3) }, "topK": { topK($0, 3).values },
    "nanMean": { nanMean($0, axes: [1]) }, "norm": { norm($0, order: 3, axes: [1]) },
    "rolled": { $0.rolled(by: 2, axis: 1) },
    "reflected": { $0.padded([(1, 1), (2, 0)], mode: .reflect) },
    "ramp": { $0.padded([(1, 1), (2, 3)], mode: .linearRamp(end: 2)) },
    "unitNormalized": { unitNormalized($0) },
    "rmsNormalization": { rmsNormalization($0) }, "diagonal": { diagonal($0, offset: 1) },
    "matrixPower": { matrixPower($0[.all, ..<4], 3) },
    "exponentialIntegral": { exponentialIntegral($0 + 1.5) },
    "sineIntegral": { sineCosineIntegrals(3 * $0).sine },
    "cosineIntegral": { sineCosineIntegrals(3 * $0 + 4.5).cosine },
    "spence": { spence($0 + 1.2) }, "dawson": { dawson(2 * $0) },
    "fresnel": { fresnel(2 * $0).sine + fresnel($0).cosine },
    "besselJ": { besselJ(3, 4 * $0) },
    "rearranged": { rearranged($0, "(a b) c -> b c", sizes: ["a": 2], reducing: .mean) },
  ]

  @Test(arguments: functions.keys.sorted())
  func `one operand, against difference quotients`(name: String) throws {
    let f = try #require(Self.functions[name])
    // A polynomial of the result, so that no derivative vanishes by symmetry.
    try expectGradient([sample([4, 6], seed: 21)], tolerance: 1e-5) { x in
      let y = f(x[0])
      return sum(y * y + 0.3 * y)
    }
  }

  static let pairs: [String: @Sendable (Expr, Expr) -> Expr] = [
    "atan2": { atan2($0 + 0.1, $1) }, "hypot": { hypot($0, $1) },
    "gammaP": { gammaP($0 + 2, $1 + 2) }, "gammaQ": { gammaQ($0 + 2, $1 + 5) },
    "betaI": { betaI($0 + 2, 1.5, 0.4 * $1 + 0.5) },
    "betaI in its parameters": { betaI($0 + 2, $1 + 2, 0.4) },
    "owensT": { owensT($0, 2 * $1) }, "besselI": { besselI($0 + 1.5, $1 + 2) },
    "besselK": { besselK($0 + 1.5, $1 + 2) },
    "faddeeva": { faddeeva(2 * $0, $1 + 1.2).real + faddeeva($0, $1 + 1.2).imaginary },
    "hyp1f1": { hyp1f1($0, $1 + 2, $0) }, "hyp2f1": { hyp2f1($0, 1.5, $1 + 2, 0.3) },
    "logAddExp": { logAddExp($0, $1) }, "beta": { beta($0 + 2, $1 + 2) },
    "lerp": { lerp($0, $1, $0 * $1) }, "xLogY": { xLogY($0 + 2, $1 + 2) },
    "prelu": { prelu($0, slope: $1) }, "kron": { kron($0[..<2, ..<2], $1[..<2, ..<3]) },
    "cross": { cross($0[.all, ..<3], $1[.all, ..<3]) },
    "setting": { $0.setting($1[..<3], at: .constant(Tensor([2, 0, 2], dtype: .int64))) },
    "multiplying": { $0.multiplying($1[..<3], at: .constant(Tensor([2, 0, 2], dtype: .int64))) },
    "maximizing": { $0.maximizing($1[..<3], at: .constant(Tensor([2, 0, 2], dtype: .int64))) },
    "adding in a slice": { $0.adding($1[0], in: [1..<3]) },
    "convolve": { convolve($0[0], $1[1, ..<3]) },
  ]

  @Test(arguments: pairs.keys.sorted())
  func `two operands, against difference quotients`(name: String) throws {
    let f = try #require(Self.pairs[name])
    try expectGradient([sample([3, 4], seed: 22), sample([3, 4], seed: 23)], tolerance: 1e-5) { x in
      let y = f(x[0], x[1])
      return sum(y * y + 0.3 * y)
    }
  }

  @Test func `convolutions, pooling and normalizations, against difference quotients`() throws {
    let image = sample([2, 5, 4, 4], seed: 31)
    func check(_ more: [Tensor] = [], _ f: ([Expr]) -> Expr) throws {
      try expectGradient([image] + more, tolerance: 1e-5) { sum(square(f($0))) }
    }
    try check([sample([3, 2, 3, 4], seed: 32)]) { conv2dTransposed($0[0], $0[1], strides: 2) }
    try check([sample([2, 2, 4, 2], seed: 33)]) { depthwiseConv2d($0[0], $0[1], padding: .same) }
    try check { averagePool2d($0[0], size: 2, strides: 1, padding: .same) }
    try check { lpPool2d($0[0], p: 3, size: 2) }
    try check { adaptiveAveragePool($0[0], to: [3, 3]) }
    try check { adaptiveMaxPool($0[0], to: [2, 3]) }
    try check { foldPatches(square(extractPatches($0[0], size: 2)), shape: [2, 5, 4, 4], size: 2) }
    try check([sample([4], seed: 34)]) { groupNormalization($0[0], groups: 2, scale: $0[1]) }
    try check { instanceNormalization($0[0]) }
    try check { localResponseNormalization($0[0]) }
    try check { resized($0[0], to: [3, 7]) }
    try check { attention($0[0], $0[0] * 0.5, $0[0] + 1, isCausal: true) }
    try check { spaceToDepth($0[0][.all, ..<4], block: 2) }
  }

  @Test func `a gradient of a running product is right at zeros`() throws {
    let x = Expr.input("x", .float64, [5])
    let loss = sum(cumulativeProduct(x) * Expr.constant(Tensor([1.0, 2, 3, 4, 5])))
    let values: [Double] = [2, 0, 3, 0, 4]
    let found = try Reference.run(gradient(of: loss, withRespectTo: x), [(x, Tensor(values))])
      .doubles
    // The derivative with respect to each element is the difference of a function linear in it.
    func value(_ v: [Double]) -> Double {
      var (product, total) = (1.0, 0.0)
      for (i, e) in v.enumerated() {
        product *= e
        total += product * Double(i + 1)
      }
      return total
    }
    let expected = values.indices.map { i in
      var more = values
      more[i] += 1
      return value(more) - value(values)
    }
    #expect(found == expected)
  }

  @Test func `an index outside is an error, clipped or dropped on request`() throws {
    let x = Expr.input("x", .float64, [3])
    let indices = Expr.constant(Tensor([-1, 1, 7], dtype: .int64))
    let binding = [(x, Tensor([10.0, 20, 30]))]
    func run(_ outside: OutOfRange) throws -> [[Double]] {
      try Reference.run(
        [take(x, indices, outside: outside), x.adding(1, at: indices, outside: outside)], binding
      ).map(\.doubles)
    }
    let clipped = try run(.clipped)
    #expect(clipped == [[10, 20, 30], [11, 21, 31]])
    let dropped = try run(.dropped)
    #expect(dropped == [[0, 20, 0], [10, 21, 30]])
    #expect(throws: LocatedFailure.self) { _ = try run(.error) }
  }

  @Test func `a mistake in these functions is a diagnostic`() throws {
    let x = Expr.input("x", .float32, [3, 4])
    let n = Expr.input("n", .int32, [3])
    #expect(try diagnostic(of: erfinv(n)).code == .dtypeNotSupported)
    #expect(try diagnostic(of: sorted(x, axis: 2)).code == .axisOutOfRange)
    #expect(try diagnostic(of: topK(x, 5).values).code == .invalidAttribute)
    #expect(try diagnostic(of: quantile(x, 1.5)).code == .invalidAttribute)
    #expect(
      try diagnostic(of: x.padded([(4, 0), (0, 0)], mode: .reflect)).code == .invalidAttribute)
    #expect(try diagnostic(of: atan2(x, n)).code == .dtypeMismatch)
    #expect(try diagnostic(of: x.bitcast(to: .float64)).code == .dtypeNotSupported)
    #expect(try diagnostic(of: cumulativeSum(x .> 0)).code == .dtypeNotSupported)
    #expect(try diagnostic(of: groupNormalization(x, groups: 3)).code == .invalidAttribute)
    #expect(try diagnostic(of: conv2dTransposed(x, x)).code == .rankMismatch)
    #expect(try diagnostic(of: attention(x, x, x)).code == .rankMismatch)
  }
}
