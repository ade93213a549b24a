internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The inverse hyperbolic cosine of each element; NaN below 1.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func acosh(_ x: Expr) -> Expr { _acosh(x, .here()) }

@usableFromInline func _acosh(_ x: Expr, _ at: Location) -> Expr {
  .make(InverseHyperbolicCosine(), [x], at: at)
}

package struct InverseHyperbolicCosine: UnaryFloatOp {
  package static let mnemonic = "acosh"
  package static let summary = "The inverse hyperbolic cosine of each element; NaN below 1."
  package static let accuracy = Accuracy(ulps: 4)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * rsqrt((x - 1) * (x + 1))
  }

  package func reference(_ x: Double) -> Double { Foundation.acosh(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inverseHyperbolicCosine(x)
  }
}
