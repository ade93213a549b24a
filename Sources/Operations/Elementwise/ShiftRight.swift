public import GnomonIR
package import GnomonScalars
package import GnomonTensors

infix operator .>> : BitwiseShiftPrecedence

extension Expr {
  /// The bits of each element moved right by the elements of `count`: divided by a power of two,
  /// rounded down: copies of the sign come in.
  ///
  /// Counts below 0, or of all places or more, move every bit out.
  ///
  /// - Parameters:
  ///   - x: an integer tensor.
  ///   - count: the same dtype; broadcasts.
  @_transparent public static func .>> (x: Expr, count: Expr) -> Expr {
    _shiftRight(x, count, .here())
  }

  @usableFromInline static func _shiftRight(_ x: Expr, _ count: Expr, _ at: Location) -> Expr {
    .make(ShiftRight(), [x, count], at: at)
  }
}

package struct ShiftRight: BinaryArithmeticOp {
  package static let mnemonic = "shift_right"
  package static let summary = "The bits of each element moved right by a count."
  package init() {}

  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    try sameDType(dtypes, mnemonic, allowed: \.isInteger, "an integer dtype")
  }

  package func gradient(_ upstream: Expr, _ x: Expr, _ y: Expr, _ result: Expr) -> (Expr?, Expr?) {
    (nil, nil)
  }

  package func reference(_ x: Double, _ y: Double) -> Double { .nan }
  package func reference(_ x: Int64, _ y: Int64, _ dtype: DType) -> Int64 {
    // A count that is no place of the dtype, also a negative one, leaves the sign.
    let width = Int64(dtype.byteCount * 8)
    let inside = y >= 0 && y < width
    if dtype == .uint64 {
      return inside ? Int64(bitPattern: UInt64(bitPattern: x) >> UInt64(y)) : 0
    }
    return x >> (inside ? y : 63)
  }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.shiftRight(x, y) }
}
