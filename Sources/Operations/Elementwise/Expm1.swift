internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The exponential of each element minus 1, exact to the last place near 0 where `exp(x) - 1`
/// cancels.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; -1 at -inf, `expm1(±0)` is ±0, NaN stays NaN.
@_transparent public func expm1(_ x: Expr) -> Expr { _expm1(x, .here()) }

@usableFromInline func _expm1(_ x: Expr, _ at: Location) -> Expr {
  .make(Expm1(), [x], at: at)
}

package struct Expm1: UnaryFloatOp {
  package static let mnemonic = "expm1"
  package static let summary = "The exponential of each element minus 1."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  // d(eˣ - 1) = eˣ dx, and eˣ is the result plus 1.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (result + 1)
  }

  package func reference(_ x: Double) -> Double { Foundation.expm1(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.expm1, x)
  }
}
