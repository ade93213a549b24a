internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The exponential of each element, *e* to the power x.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; `exp(-inf)` is 0, `exp(inf)` is inf, NaN stays NaN.
@_transparent public func exp(_ x: Expr) -> Expr { _exp(x, .here()) }

@usableFromInline func _exp(_ x: Expr, _ at: Location) -> Expr {
  .make(Exp(), [x], at: at)
}

package struct Exp: UnaryFloatOp {
  package static let mnemonic = "exp"
  package static let summary = "The exponential of each element, *e* to the power x."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  // d(eˣ) = eˣ dx: the result is at hand, so it is not computed twice.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * result
  }

  package func reference(_ x: Double) -> Double { Foundation.exp(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.exp, x)
  }
}
