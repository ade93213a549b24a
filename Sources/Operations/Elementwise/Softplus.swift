internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The smooth maximum of 0 and each element, `log(1 + exp(x))`, without overflow.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; 0 at -inf, inf at inf, NaN stays NaN.
@_transparent public func softplus(_ x: Expr) -> Expr { _softplus(x, .here()) }

@usableFromInline func _softplus(_ x: Expr, _ at: Location) -> Expr {
  .make(Softplus(), [x], at: at)
}

package struct Softplus: UnaryFloatOp {
  package static let mnemonic = "softplus"
  package static let summary = "The smooth maximum of 0 and each element."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  // d log(1 + eˣ) = σ(x) dx.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * sigmoid(x)
  }

  package func reference(_ x: Double) -> Double {
    Swift.max(x, 0) + Foundation.log1p(Foundation.exp(-x.magnitude))
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.softplus, x)
  }
}
