internal import Foundation
public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The natural logarithm of 1 plus each element, exact to the last place near 0.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; -inf at -1, NaN below -1, `log1p(±0)` is ±0.
@_transparent public func log1p(_ x: Expr) -> Expr { _log1p(x, .here()) }

@usableFromInline func _log1p(_ x: Expr, _ at: Location) -> Expr {
  .make(Log1p(), [x], at: at)
}

package struct Log1p: UnaryFloatOp {
  package static let mnemonic = "log1p"
  package static let summary = "The natural logarithm of 1 plus each element."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream / (1 + x)
  }

  package func reference(_ x: Double) -> Double { Foundation.log1p(x) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.log1p, x)
  }
}
