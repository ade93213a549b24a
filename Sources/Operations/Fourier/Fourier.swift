internal import Foundation
package import GnomonIR
package import GnomonTensors

/// The discrete Fourier transform of lines, `Y[k] = Σ X[j] exp(∓2πi j k / n)`, not scaled.
package struct Fourier: RoutineOp {
  package static let mnemonic = "fourier"
  package static let summary =
    "The discrete Fourier transform of lines of complex numbers, real and imaginary parts, not scaled."
  package static let arity = 2...2
  package static let constraints = [
    "both parts are float32 or float64, the same",
    "each part has a last axis, the line, and before it the same batch",
    "both parts have the same length",
  ]
  package var operandRanks: [Int] { [1, 1] }

  /// Whether the exponent is positive.
  package var isInverse: Bool
  package init(isInverse: Bool = false) { self.isInverse = isInverse }

  package func check(_ operands: [TensorType], _ context: inout TypeContext) throws(Refusal) {
    try sameSize((0, 0), (1, 0), "C3", &context)
  }

  package func resultTypes(ofOne x: [TensorType]) -> [TensorType] { x }

  /// The transform is symmetric, and its adjoint the one with the other sign.
  package func gradient(_ c: GradientContext) -> [Expr?] {
    let g = (0..<2).map { c.upstream[$0] ?? zeros(like: c.results[$0]) }
    return Expr.apply(Fourier(isInverse: !isInverse), g, at: .here())
  }

  package func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix] {
    let (re, im, n) = (x[0].values, x[1].values, x[0].values.count)
    var out = x
    for k in 0..<n {
      var (a, b) = (0.0, 0.0)
      for j in 0..<n {
        let angle = (isInverse ? 2 : -2) * Double.pi * Double(j * k % n) / Double(n)
        let (c, s) = (Foundation.cos(angle), Foundation.sin(angle))
        a += re[j] * c - im[j] * s
        b += re[j] * s + im[j] * c
      }
      (out[0].values[k], out[1].values[k]) = (a, b)
    }
    return out
  }

  package func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine {
    let n = operands[0].shape[operands[0].rank - 1]
    return Routine(
      .fourier, options: isInverse ? 1 : 0, operands[0].dtype, sizes: [n],
      operandRanks: operandRanks, resultRanks: [1, 1], workspace: Self.workspace(n), flops: 40 * n)
  }

  /// What `dense_fourier.h` asks for; for a length that is not known the most that any one needs.
  private static func workspace(_ n: Dim) -> Dim {
    guard let count = n.constant else { return 34 * n }
    var rest = count
    for r in 2...13 { while rest > 0, rest % r == 0 { rest /= r } }
    if rest <= 1 { return Dim(4 * count) }
    var longer = 1
    while longer < 2 * count - 1 { longer *= 2 }
    return Dim(2 * count + 8 * longer)
  }
}
