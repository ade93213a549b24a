internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The natural logarithm of each element.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; -inf at 0, NaN below 0, NaN stays NaN.
@_transparent public func log(_ x: Expr) -> Expr { _log(x, .here()) }

@usableFromInline func _log(_ x: Expr, _ at: Location) -> Expr {
  .make(Log(), [x], at: at)
}

package struct Log: UnaryFloatOp {
  package static let mnemonic = "log"
  package static let summary = "The natural logarithm of each element."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream / x
  }

  package func reference(_ x: Double) -> Double { Foundation.log(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.log, x)
  }
}
