internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The Bessel function of the first kind J1 of each element.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func besselJ1(_ x: Expr) -> Expr { _besselJ1(x, .here()) }

@usableFromInline func _besselJ1(_ x: Expr, _ at: Location) -> Expr {
  .make(BesselJ1(), [x], at: at)
}

package struct BesselJ1: UnaryFloatOp {
  package static let mnemonic = "bessel_j1"
  package static let summary = "The Bessel function J1 of each element."
  package static let accuracy = Accuracy(ulps: 200, near: 1)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    let safe = select(x .== 0, 1, x)
    let ratio = select(x .== 0, 0.5, result / safe)
    return upstream * (besselJ0(x) - ratio)
  }

  package func reference(_ x: Double) -> Double { Foundation.j1(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.besselJ1(x[0]) }
  }
}
