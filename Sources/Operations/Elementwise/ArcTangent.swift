internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The arc tangent of each element, between -π/2 and π/2.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func atan(_ x: Expr) -> Expr { _atan(x, .here()) }

@usableFromInline func _atan(_ x: Expr, _ at: Location) -> Expr {
  .make(ArcTangent(), [x], at: at)
}

package struct ArcTangent: UnaryFloatOp {
  package static let mnemonic = "atan"
  package static let summary = "The arc tangent of each element, in radians."
  package static let accuracy = Accuracy(ulps: 1.5)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream / (1 + x * x)
  }

  package func reference(_ x: Double) -> Double { Foundation.atan(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.arcTangent(x[0]) }
  }
}
