internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The arc sine of each element, between -π/2 and π/2; NaN outside -1...1.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func asin(_ x: Expr) -> Expr { _asin(x, .here()) }

@usableFromInline func _asin(_ x: Expr, _ at: Location) -> Expr {
  .make(ArcSine(), [x], at: at)
}

package struct ArcSine: UnaryFloatOp {
  package static let mnemonic = "asin"
  package static let summary = "The arc sine of each element, in radians."
  package static let accuracy = Accuracy(ulps: 3)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * rsqrt((1 - x) * (1 + x))
  }

  package func reference(_ x: Double) -> Double { Foundation.asin(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in
      // The angle of the point (√(1 - x²), x).
      let one = b.constant(1.0, .float64)
      let square = b.multiply(b.subtract(one, x[0]), b.add(one, x[0]))
      return b.angle(x[0], b.emit(.squareRoot, .float64, square))
    }
  }
}
