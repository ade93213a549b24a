internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The hyperbolic cosine of each element, `(exp(x) + exp(-x)) / 2`.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func cosh(_ x: Expr) -> Expr { _cosh(x, .here()) }

@usableFromInline func _cosh(_ x: Expr, _ at: Location) -> Expr {
  .make(HyperbolicCosine(), [x], at: at)
}

package struct HyperbolicCosine: UnaryFloatOp {
  package static let mnemonic = "cosh"
  package static let summary = "The hyperbolic cosine of each element."
  package static let accuracy = Accuracy(ulps: 3)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * sinh(x)
  }

  package func reference(_ x: Double) -> Double { Foundation.cosh(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.hyperbolicCosine(x)
  }
}
