internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The gamma function Γ(x) of each element, `(x - 1)!` for whole numbers; NaN at -1, -2, …, ±inf at
/// ±0.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func gamma(_ x: Expr) -> Expr { _gamma(x, .here()) }

@usableFromInline func _gamma(_ x: Expr, _ at: Location) -> Expr {
  .make(Gamma(), [x], at: at)
}

package struct Gamma: UnaryFloatOp {
  package static let mnemonic = "gamma"
  package static let summary = "The gamma function of each element."
  package static let accuracy = Accuracy(ulps: 16)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (result * digamma(x))
  }

  package func reference(_ x: Double) -> Double { Foundation.tgamma(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.gamma(x[0]) }
  }
}
