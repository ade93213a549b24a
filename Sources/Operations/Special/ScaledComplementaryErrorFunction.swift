internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The scaled complementary error function of each element, `exp(x²) erfc(x)`: near `1 / (x√π)` for
/// large x.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func erfcx(_ x: Expr) -> Expr { _erfcx(x, .here()) }

@usableFromInline func _erfcx(_ x: Expr, _ at: Location) -> Expr {
  .make(ScaledComplementaryErrorFunction(), [x], at: at)
}

package struct ScaledComplementaryErrorFunction: UnaryFloatOp {
  package static let mnemonic = "erfcx"
  package static let summary =
    "The scaled complementary error function of each element, exp(x²) erfc(x)."
  package static let accuracy = Accuracy(ulps: 40)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (2 * x * result - 1.1283791670955126)
  }

  package func reference(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x < -27 { return .infinity }
    if x < 3 {
      // The square in two parts, the first exact.
      let high = Double(Float(x))
      let growth = Foundation.exp(high * high) * Foundation.exp((x - high) * (x + high))
      return growth * Foundation.erfc(x)
    }
    if x > 1e8 { return 0.5641895835477563 / x }
    // Lentz's continued fraction: x + (1/2)/(x + 1/(x + (3/2)/(x + …))).
    var tail = x
    for k in stride(from: 200, through: 1, by: -1) { tail = x + Double(k) / 2 / tail }
    return 0.5641895835477563 / tail
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.scaledComplementaryErrorFunction(x[0]) }
  }
}
