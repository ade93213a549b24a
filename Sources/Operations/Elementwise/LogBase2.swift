internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The logarithm to base 2 of each element; -inf at 0, NaN below.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func log2(_ x: Expr) -> Expr { _log2(x, .here()) }

@usableFromInline func _log2(_ x: Expr, _ at: Location) -> Expr {
  .make(LogBase2(), [x], at: at)
}

package struct LogBase2: UnaryFloatOp {
  package static let mnemonic = "log2"
  package static let summary = "The logarithm to base 2 of each element."
  package static let accuracy = Accuracy(ulps: 2)
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * 1.4426950408889634 / x
  }

  package func reference(_ x: Double) -> Double { Foundation.log2(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.log2(x)
  }
}
