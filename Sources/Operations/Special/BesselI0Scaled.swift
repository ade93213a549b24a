internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The modified Bessel function I0 of each element times `exp(-|x|)`.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func besselI0Scaled(_ x: Expr) -> Expr { _besselI0Scaled(x, .here()) }

@usableFromInline func _besselI0Scaled(_ x: Expr, _ at: Location) -> Expr {
  .make(BesselI0Scaled(), [x], at: at)
}

package struct BesselI0Scaled: UnaryFloatOp {
  package static let mnemonic = "bessel_i0_scaled"
  package static let summary = "exp(-|x|) times the modified Bessel function I0 of each element."
  package static let accuracy = Accuracy(ulps: 64)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (besselI1Scaled(x) - sign(x) * result)
  }

  package func reference(_ x: Double) -> Double {
    // 1/π ∫ exp(x (cos t - 1)) 1 dt over a half period: the rule of equal steps converges at once
    // for a
    // periodic function; beyond, the first terms of the asymptotic series.
    if x.isNaN { return x }
    let a = x.magnitude
    if a > 2e4 {
      let r = 1 / (8 * a)
      let value = (0.5 / .pi / a).squareRoot() * (1 + r * (1 + r * 4.5))
      return value
    }
    let n = 64 + Int(12 * a.squareRoot())
    let total = (0...n).reduce(0.0) { sum, k in
      let t = Double.pi * Double(k) / Double(n)
      let term = Foundation.exp(a * (Foundation.cos(t) - 1))
      return sum + (k == 0 || k == n ? term / 2 : term)
    }
    let value = total / Double(n)
    return value
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.besselI0Scaled(x[0]) }
  }
}
