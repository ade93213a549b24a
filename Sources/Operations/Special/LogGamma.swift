internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The logarithm of the magnitude of the gamma function, `log |Γ(x)|`; inf at 0, -1, -2, ….
///
/// - Parameter x: a floating-point tensor.
@_transparent public func logGamma(_ x: Expr) -> Expr { _logGamma(x, .here()) }

@usableFromInline func _logGamma(_ x: Expr, _ at: Location) -> Expr {
  .make(LogGamma(), [x], at: at)
}

package struct LogGamma: UnaryFloatOp {
  package static let mnemonic = "log_gamma"
  package static let summary =
    "The logarithm of the magnitude of the gamma function at each element."
  package static let accuracy = Accuracy(ulps: 8, near: 1)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * digamma(x)
  }

  package func reference(_ x: Double) -> Double { Foundation.lgamma(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.logGamma(x[0]) }
  }
}
