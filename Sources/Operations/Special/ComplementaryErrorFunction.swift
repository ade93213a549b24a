internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The complementary error function of each element, `1 - erf(x)`, precise where that is tiny.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func erfc(_ x: Expr) -> Expr { _erfc(x, .here()) }

@usableFromInline func _erfc(_ x: Expr, _ at: Location) -> Expr {
  .make(ComplementaryErrorFunction(), [x], at: at)
}

package struct ComplementaryErrorFunction: UnaryFloatOp {
  package static let mnemonic = "erfc"
  package static let summary = "The complementary error function of each element, 1 - erf(x)."
  package static let accuracy = Accuracy(ulps: 6)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (-1.1283791670955126 * exp(-(x * x)))
  }

  package func reference(_ x: Double) -> Double { Foundation.erfc(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.inFloat64([x]) { b, x in b.complementaryErrorFunction(x[0]) }
  }
}
