internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The logarithm to base 10 of each element; -inf at 0, NaN below.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func log10(_ x: Expr) -> Expr { _log10(x, .here()) }

@usableFromInline func _log10(_ x: Expr, _ at: Location) -> Expr {
  .make(LogBase10(), [x], at: at)
}

package struct LogBase10: UnaryFloatOp {
  package static let mnemonic = "log10"
  package static let summary = "The logarithm to base 10 of each element."
  package static let accuracy = Accuracy(ulps: 2)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * 0.4342944819032518 / x
  }

  package func reference(_ x: Double) -> Double { Foundation.log10(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.log10(x)
  }
}
