internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The inverse hyperbolic sine of each element.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func asinh(_ x: Expr) -> Expr { _asinh(x, .here()) }

@usableFromInline func _asinh(_ x: Expr, _ at: Location) -> Expr {
  .make(InverseHyperbolicSine(), [x], at: at)
}

package struct InverseHyperbolicSine: UnaryFloatOp {
  package static let mnemonic = "asinh"
  package static let summary = "The inverse hyperbolic sine of each element."
  package static let accuracy = Accuracy(ulps: 4)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * rsqrt(x * x + 1)
  }

  package func reference(_ x: Double) -> Double { Foundation.asinh(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inverseHyperbolicSine(x)
  }
}
