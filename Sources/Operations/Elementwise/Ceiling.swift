public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The smallest whole number not below each element.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; ±0, ±inf and NaN stay; -0.5 gives -0.
@_transparent public func ceil(_ x: Expr) -> Expr { _ceil(x, .here()) }

@usableFromInline func _ceil(_ x: Expr, _ at: Location) -> Expr {
  .make(Ceiling(), [x], at: at)
}

package struct Ceiling: UnaryFloatOp {
  package static let mnemonic = "ceil"
  package static let summary = "The smallest whole number not below each element."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isIdempotent: true, isCheap: true) }

  // Flat between the jumps: nothing to pass on.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? { nil }

  package func reference(_ x: Double) -> Double { x.rounded(.up) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.emit(.ceiling, x.dtype, x)
  }
}
