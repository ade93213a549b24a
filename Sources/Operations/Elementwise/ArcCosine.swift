internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The arc cosine of each element, between 0 and π; NaN outside -1...1.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func acos(_ x: Expr) -> Expr { _acos(x, .here()) }

@usableFromInline func _acos(_ x: Expr, _ at: Location) -> Expr {
  .make(ArcCosine(), [x], at: at)
}

package struct ArcCosine: UnaryFloatOp {
  package static let mnemonic = "acos"
  package static let summary = "The arc cosine of each element, in radians."
  package static let accuracy = Accuracy(ulps: 3)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    -upstream * rsqrt((1 - x) * (1 + x))
  }

  package func reference(_ x: Double) -> Double { Foundation.acos(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in
      // Twice the angle of (√(1 + x), √(1 - x)), which is precise near both ends.
      let one = b.constant(1.0, .float64)
      let up = b.emit(.squareRoot, .float64, b.subtract(one, x[0]))
      let along = b.emit(.squareRoot, .float64, b.add(one, x[0]))
      let half = b.angle(up, along)
      return b.add(half, half)
    }
  }
}
