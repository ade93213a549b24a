internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The tangent of each element, in radians.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; `tan(±0)` is ±0, NaN at ±inf.
@_transparent public func tan(_ x: Expr) -> Expr { _tan(x, .here()) }

@usableFromInline func _tan(_ x: Expr, _ at: Location) -> Expr {
  .make(Tangent(), [x], at: at)
}

package struct Tangent: UnaryFloatOp {
  package static let mnemonic = "tan"
  package static let summary = "The tangent of each element, in radians."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  // d tan(x) = (1 + tan²(x)) dx, from the result.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (1 + result * result)
  }

  package func reference(_ x: Double) -> Double { Foundation.tan(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.tan, x)
  }
}
