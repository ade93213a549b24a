internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The cosine of each element, in radians.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; NaN at ±inf.
@_transparent public func cos(_ x: Expr) -> Expr { _cos(x, .here()) }

@usableFromInline func _cos(_ x: Expr, _ at: Location) -> Expr {
  .make(Cosine(), [x], at: at)
}

package struct Cosine: UnaryFloatOp {
  package static let mnemonic = "cos"
  package static let summary = "The cosine of each element, in radians."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    -upstream * sin(x)
  }

  package func reference(_ x: Double) -> Double { Foundation.cos(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.cos, x)
  }
}
