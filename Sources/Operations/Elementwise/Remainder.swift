public import GnomonIR
package import GnomonScalars
package import GnomonTensors

extension Expr {
  /// The remainder of a division rounded down, `x - floor(x / y) * y`, with the sign of `y`.
  ///
  /// Both have the same numeric dtype and broadcast. The integer remainder by 0 is 0; the
  /// floating-point one is NaN.
  @_transparent public static func % (x: Expr, y: Expr) -> Expr { _remainder(x, y, .here()) }

  @usableFromInline static func _remainder(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
    .make(Remainder(), [x, y], at: at)
  }
}

package struct Remainder: BinaryArithmeticOp {
  package static let mnemonic = "remainder"
  package static let summary =
    "The remainder of a division rounded down; it has the sign of the divisor."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true) }

  package func reference(_ x: Double, _ y: Double) -> Double {
    let r = x.truncatingRemainder(dividingBy: y)
    if r == 0 { return Double(signOf: y, magnitudeOf: 0) }
    return (r < 0) != (y < 0) ? r + y : r
  }
  package func reference(_ x: Int64, _ y: Int64, _ dtype: DType) -> Int64 {
    if y == 0 { return 0 }
    if dtype == .uint64 { return Int64(bitPattern: UInt64(bitPattern: x) % UInt64(bitPattern: y)) }
    if y == -1 { return 0 }
    let r = x % y
    return r != 0 && (r < 0) != (y < 0) ? r + y : r
  }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.emit(.remainder, x.dtype, x, y) }

  // x - q y with the whole number q = floor(x / y), which is flat between its jumps. It is taken from
  // the result, since x / y may round up to the next whole number.
  package func gradient(_ upstream: Expr, _ x: Expr, _ y: Expr, _ result: Expr) -> (Expr?, Expr?) {
    (upstream, -upstream * round((x - result) / y))
  }
}
