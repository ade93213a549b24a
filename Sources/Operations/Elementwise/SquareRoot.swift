public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The square root of each element, correctly rounded.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; `sqrt(-0)` is -0, NaN below 0.
@_transparent public func sqrt(_ x: Expr) -> Expr { _sqrt(x, .here()) }

@usableFromInline func _sqrt(_ x: Expr, _ at: Location) -> Expr {
  .make(SquareRoot(), [x], at: at)
}

package struct SquareRoot: UnaryFloatOp {
  package static let mnemonic = "sqrt"
  package static let summary = "The square root of each element, correctly rounded."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isCheap: true) }

  // d√x = dx / (2 √x): infinite at 0, as the slope is.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (0.5 / result)
  }

  package func reference(_ x: Double) -> Double { x.squareRoot() }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.emit(.squareRoot, x.dtype, x)
  }
}
