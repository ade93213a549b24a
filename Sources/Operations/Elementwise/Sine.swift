internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The sine of each element, in radians.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; `sin(±0)` is ±0, NaN at ±inf.
@_transparent public func sin(_ x: Expr) -> Expr { _sin(x, .here()) }

@usableFromInline func _sin(_ x: Expr, _ at: Location) -> Expr {
  .make(Sine(), [x], at: at)
}

package struct Sine: UnaryFloatOp {
  package static let mnemonic = "sin"
  package static let summary = "The sine of each element, in radians."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * cos(x)
  }

  package func reference(_ x: Double) -> Double { Foundation.sin(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.sin, x)
  }
}
