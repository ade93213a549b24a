internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The Bessel function of the first kind J0 of each element.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func besselJ0(_ x: Expr) -> Expr { _besselJ0(x, .here()) }

@usableFromInline func _besselJ0(_ x: Expr, _ at: Location) -> Expr {
  .make(BesselJ0(), [x], at: at)
}

package struct BesselJ0: UnaryFloatOp {
  package static let mnemonic = "bessel_j0"
  package static let summary = "The Bessel function J0 of each element."
  package static let accuracy = Accuracy(ulps: 200, near: 1)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    -upstream * besselJ1(x)
  }

  package func reference(_ x: Double) -> Double { Foundation.j0(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.besselJ0(x[0]) }
  }
}
