internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The hyperbolic sine of each element, `(exp(x) - exp(-x)) / 2`.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func sinh(_ x: Expr) -> Expr { _sinh(x, .here()) }

@usableFromInline func _sinh(_ x: Expr, _ at: Location) -> Expr {
  .make(HyperbolicSine(), [x], at: at)
}

package struct HyperbolicSine: UnaryFloatOp {
  package static let mnemonic = "sinh"
  package static let summary = "The hyperbolic sine of each element."
  package static let accuracy = Accuracy(ulps: 4)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * cosh(x)
  }

  package func reference(_ x: Double) -> Double { Foundation.sinh(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.hyperbolicSine(x)
  }
}
