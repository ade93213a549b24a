public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The whole number next to each element towards 0.
///
/// - Parameter x: a floating-point tensor.
@_transparent public func truncate(_ x: Expr) -> Expr { _truncate(x, .here()) }

@usableFromInline func _truncate(_ x: Expr, _ at: Location) -> Expr {
  .make(Truncate(), [x], at: at)
}

package struct Truncate: UnaryFloatOp {
  package static let mnemonic = "truncate"
  package static let summary = "Each element without its fraction."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isIdempotent: true, isCheap: true) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    nil
  }

  package func reference(_ x: Double) -> Double { x.rounded(.towardZero) }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.emit(.truncate, x.dtype, x)
  }
}
