internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The angle of the point (x, y), between -π and π: the arc tangent of `y / x` in the right
/// quadrant.
///
/// - Parameters:
///   - y: a floating-point tensor.
///   - x: the same dtype; broadcasts.
/// - Returns: radians. Zeros have signs: on the negative axis `y = -0` gives -π.
@_transparent public func atan2(_ y: Expr, _ x: Expr) -> Expr { _atan2(y, x, .here()) }

@usableFromInline func _atan2(_ y: Expr, _ x: Expr, _ at: Location) -> Expr {
  .make(ArcTangent2(), [y, x], at: at)
}

package struct ArcTangent2: BinaryFloatOp {
  package static let mnemonic = "atan2"
  package static let summary = "The angle of the point (second, first operand), in radians."
  package static let accuracy = Accuracy(ulps: 3)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ y: Expr, _ x: Expr, _ result: Expr) -> (Expr?, Expr?) {
    let scaled = upstream / (x * x + y * y)
    return (scaled * x, -scaled * y)
  }

  package func reference(_ y: Double, _ x: Double) -> Double { Foundation.atan2(y, x) }

  package func scalar(
    _ b: inout ScalarBuilder, _ y: ScalarBuilder.Value, _ x: ScalarBuilder.Value
  ) -> ScalarBuilder.Value {
    b.inFloat64([y, x]) { b, v in b.angle(v[0], v[1]) }
  }
}
