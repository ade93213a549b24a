internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The digamma function, the derivative of `logGamma`; NaN at -1, -2, ….
///
/// - Parameter x: a floating-point tensor.
@_transparent public func digamma(_ x: Expr) -> Expr { _digamma(x, .here()) }

@usableFromInline func _digamma(_ x: Expr, _ at: Location) -> Expr {
  .make(Digamma(), [x], at: at)
}

package struct Digamma: UnaryFloatOp {
  package static let mnemonic = "digamma"
  package static let summary =
    "The derivative of the logarithm of the gamma function at each element."
  package static let accuracy = Accuracy(ulps: 12, near: 4)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * polygamma(1, x)
  }

  package func reference(_ x: Double) -> Double {
    if x == 0 { return -1 / x }
    if x.isNaN || x == .infinity { return x }
    if x == -.infinity || (x < 0 && x == x.rounded()) { return .nan }
    if x < 0 {
      let r = x - x.rounded()
      return reference(1 - x) - .pi / Foundation.tan(.pi * r)
    }
    // Up to where the asymptotic series is exact.
    var (y, sum) = (x, 0.0)
    while y < 20 {
      sum += 1 / y
      y += 1
    }
    let z = 1 / (y * y)
    let series = z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z / 132))))
    return Foundation.log(y) - 0.5 / y - series - sum
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.digamma(x[0]) }
  }
}
