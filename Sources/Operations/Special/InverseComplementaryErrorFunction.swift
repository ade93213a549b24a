internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The inverse of the complementary error function at each element; ±inf at 0 and 2, NaN beyond.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func erfcinv(_ x: Expr) -> Expr { _erfcinv(x, .here()) }

@usableFromInline func _erfcinv(_ x: Expr, _ at: Location) -> Expr {
  .make(InverseComplementaryErrorFunction(), [x], at: at)
}

package struct InverseComplementaryErrorFunction: UnaryFloatOp {
  package static let mnemonic = "erfcinv"
  package static let summary = "The inverse of the complementary error function at each element."
  package static let accuracy = Accuracy(ulps: 12)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (-0.886226925452758 * exp(result * result))
  }

  package func reference(_ x: Double) -> Double {
    if x.isNaN || x < 0 || x > 2 { return .nan }
    if x == 0 || x == 2 { return x == 0 ? .infinity : -.infinity }
    let q = Swift.min(x, 2 - x)
    if q < 1e-290 { return x > 1 ? -far(q) : far(q) }
    var y = Swift.max(0, -Foundation.log(q * (2 - q))).squareRoot() * 0.8
    for _ in 0..<80 {
      let error = q > 0.5 ? (1 - q) - Foundation.erf(y) : Foundation.erfc(y) - q
      let slope = 1.1283791670955126 * Foundation.exp(-y * y)
      if slope == 0 { break }
      y += error / (slope - y * error)
    }
    return x > 1 ? -y : y
  }

  /// Where erfc(y) nears the smallest numbers: Newton's method on its logarithm, by the asymptotic series
  /// erfc(y) = exp(-y²) / (y √π) (1 - 1/(2y²) + 3/(4y⁴) - 15/(8y⁶) + 105/(16y⁸)) (DLMF 7.12.1).
  private func far(_ q: Double) -> Double {
    let wanted = Foundation.log(q)
    var y = (-wanted).squareRoot()
    for _ in 0..<20 {
      let z = 1 / (2 * y * y)
      let series = 1 - z * (1 - 3 * z * (1 - 5 * z * (1 - 7 * z)))
      let value = -y * y - Foundation.log(y * Double.pi.squareRoot()) + Foundation.log(series)
      y += (value - wanted) / (2 * y + 1 / y)
    }
    return y
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.inverseComplementaryErrorFunction(x[0]) }
  }
}
