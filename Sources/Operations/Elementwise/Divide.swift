public import GnomonIR
package import GnomonScalars
package import GnomonTensors

extension Expr {
  /// The quotient of two tensors, element by element, with broadcasting.
  ///
  /// Both have the same numeric dtype. Floats follow IEEE 754; integer quotients are rounded down,
  /// wrap, and are 0 for a zero divisor.
  @_transparent public static func / (x: Expr, y: Expr) -> Expr { _divide(x, y, .here()) }

  @usableFromInline static func _divide(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
    if let a = x.literalValue, let b = y.literalValue { return .literal(a / b, at: at) }
    return .make(Divide(), [x, y], at: at)
  }
}

package struct Divide: BinaryArithmeticOp {
  package static let mnemonic = "divide"
  package static let summary =
    "The quotient of two tensors; integers round down, and x / 0 is 0 for them."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isCheap: true) }

  package func reference(_ x: Double, _ y: Double) -> Double { x / y }
  package func reference(_ x: Int64, _ y: Int64, _ dtype: DType) -> Int64 {
    if y == 0 { return 0 }
    if dtype == .uint64 { return Int64(bitPattern: UInt64(bitPattern: x) / UInt64(bitPattern: y)) }
    if y == -1 { return 0 &- x }
    let (q, r) = x.quotientAndRemainder(dividingBy: y)
    return r != 0 && (r < 0) != (y < 0) ? q - 1 : q
  }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.divide(x, y) }

  // d(x / y) = dx / y - (x / y) dy / y.
  package func gradient(_ upstream: Expr, _ x: Expr, _ y: Expr, _ result: Expr) -> (Expr?, Expr?) {
    (upstream / y, -upstream * (result / y))
  }
}
