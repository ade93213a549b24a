public import GnomonIR
package import GnomonScalars
internal import GnomonTensors

/// The reciprocal of the square root of each element, `1 / sqrt(x)`.
///
/// - Parameter x: a floating-point tensor.
/// - Returns: the same shape and dtype; inf at 0, -inf at -0, NaN below 0, 0 at inf.
@_transparent public func rsqrt(_ x: Expr) -> Expr { _rsqrt(x, .here()) }

@usableFromInline func _rsqrt(_ x: Expr, _ at: Location) -> Expr {
  .make(ReciprocalSquareRoot(), [x], at: at)
}

package struct ReciprocalSquareRoot: UnaryFloatOp {
  package static let mnemonic = "rsqrt"
  package static let summary = "The reciprocal of the square root of each element, `1 / sqrt(x)`."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isCheap: true) }

  // d(x^-½) = -½ x^-½ / x dx.
  package func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr? {
    upstream * (-0.5 * (result / x))
  }

  package func reference(_ x: Double) -> Double { 1 / x.squareRoot() }

  package func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value {
    b.call(.rsqrt, x)
  }
}
