internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The modified Bessel function I1 of each element times `exp(-|x|)`.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func besselI1Scaled(_ x: Expr) -> Expr { _besselI1Scaled(x, .here()) }

@usableFromInline func _besselI1Scaled(_ x: Expr, _ at: Location) -> Expr {
  .make(BesselI1Scaled(), [x], at: at)
}

package struct BesselI1Scaled: UnaryFloatOp {
  package static let mnemonic = "bessel_i1_scaled"
  package static let summary = "exp(-|x|) times the modified Bessel function I1 of each element."
  package static let accuracy = Accuracy(ulps: 4, near: 1)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    // I1(x) / x is 1/2 at 0.
    let safe = select(x .== 0, 1, x)
    let ratio = select(x .== 0, 0.5, result / safe)
    return upstream * (besselI0Scaled(x) - ratio - sign(x) * result)
  }

  package func reference(_ x: Double) -> Double {
    if x.magnitude < 1e-5 { return x / 2 * Foundation.exp(-x.magnitude) }
    // 1/π ∫ exp(x (cos t - 1)) cos t dt over a half period: the rule of equal steps converges at
    // once for a
    // periodic function; beyond, the first terms of the asymptotic series.
    if x.isNaN { return x }
    let a = x.magnitude
    if a > 2e4 {
      let r = 1 / (8 * a)
      let value = (0.5 / .pi / a).squareRoot() * (1 - r * (3 + r * 7.5))
      return x < 0 ? -value : value
    }
    let n = 64 + Int(12 * a.squareRoot())
    let total = (0...n).reduce(0.0) { sum, k in
      let t = Double.pi * Double(k) / Double(n)
      let term = Foundation.exp(a * (Foundation.cos(t) - 1)) * Foundation.cos(t)
      return sum + (k == 0 || k == n ? term / 2 : term)
    }
    let value = total / Double(n)
    return x < 0 ? -value : value
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.besselI1Scaled(x[0]) }
  }
}
