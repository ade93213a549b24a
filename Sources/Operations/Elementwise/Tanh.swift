internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The hyperbolic tangent of each element.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; ±1 at ±∞, NaN stays NaN.
@_transparent public func tanh(_ x: Expr) -> Expr { _tanh(x, .here()) }

@usableFromInline func _tanh(_ x: Expr, _ at: Location) -> Expr { .make(Tanh(), [x], at: at) }

package struct Tanh: UnaryFloatOp {
  package static let mnemonic = "tanh"
  package static let summary = "The hyperbolic tangent of each element."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  // d tanh(x) = (1 - tanh(x)²) dx: from the result, which is at hand.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (1 - result * result)
  }

  package func reference(_ x: Double) -> Double { Foundation.tanh(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.tanh, x)
  }
}
