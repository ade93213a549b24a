internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The logistic function of each element, `1 / (1 + exp(-x))`, without overflow.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; 0 at -inf, 1 at inf, NaN stays NaN.
@_transparent public func sigmoid(_ x: Expr) -> Expr { _sigmoid(x, .here()) }

@usableFromInline func _sigmoid(_ x: Expr, _ at: Location) -> Expr {
  .make(Sigmoid(), [x], at: at)
}

package struct Sigmoid: UnaryFloatOp {
  package static let mnemonic = "sigmoid"
  package static let summary = "The logistic function of each element."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  // dσ = σ (1 - σ) dx, from the result.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (result * (1 - result))
  }

  package func reference(_ x: Double) -> Double {
    // With the exponential of a negative number only, which cannot overflow.
    let e = Foundation.exp(-x.magnitude)
    return x < 0 ? e / (1 + e) : 1 / (1 + e)
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.sigmoid, x)
  }
}
