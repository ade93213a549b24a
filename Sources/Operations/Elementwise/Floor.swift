public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The largest whole number not above each element.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; ±0, ±inf and NaN stay.
@_transparent public func floor(_ x: Expr) -> Expr { _floor(x, .here()) }

@usableFromInline func _floor(_ x: Expr, _ at: Location) -> Expr {
  .make(Floor(), [x], at: at)
}

package struct Floor: UnaryFloatOp {
  package static let mnemonic = "floor"
  package static let summary = "The largest whole number not above each element."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isIdempotent: true, isCheap: true) }

  // Flat between the jumps: nothing to pass on.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? { nil }

  package func reference(_ x: Double) -> Double { x.rounded(.down) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.emit(.floor, x.dtype, x)
  }
}
