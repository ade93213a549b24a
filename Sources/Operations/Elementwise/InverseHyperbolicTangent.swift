internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The inverse hyperbolic tangent of each element; NaN outside -1...1.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func atanh(_ x: Expr) -> Expr { _atanh(x, .here()) }

@usableFromInline func _atanh(_ x: Expr, _ at: Location) -> Expr {
  .make(InverseHyperbolicTangent(), [x], at: at)
}

package struct InverseHyperbolicTangent: UnaryFloatOp {
  package static let mnemonic = "atanh"
  package static let summary = "The inverse hyperbolic tangent of each element; NaN outside -1...1."
  package static let accuracy = Accuracy(ulps: 4)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream / ((1 - x) * (1 + x))
  }

  package func reference(_ x: Double) -> Double { Foundation.atanh(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inverseHyperbolicTangent(x)
  }
}
