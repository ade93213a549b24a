public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The whole number nearest to each element; halves go to the even one, as in NumPy and IEEE
/// 754.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; ±0, ±inf and NaN stay.
@_transparent public func round(_ x: Expr) -> Expr { _round(x, .here()) }

@usableFromInline func _round(_ x: Expr, _ at: Location) -> Expr {
  .make(Round(), [x], at: at)
}

package struct Round: UnaryFloatOp {
  package static let mnemonic = "round"
  package static let summary =
    "The whole number nearest to each element; halves go to the even one."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isIdempotent: true, isCheap: true) }

  // Flat between the jumps: nothing to pass on.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? { nil }

  package func reference(_ x: Double) -> Double { x.rounded(.toNearestOrEven) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.emit(.roundEven, x.dtype, x)
  }
}
