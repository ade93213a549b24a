public import GnomonIR
package import GnomonScalars
package import GnomonTensors

infix operator .<< : BitwiseShiftPrecedence

extension Expr {
  /// The bits of each element moved left by the elements of `count`: multiplied by a power of two:
  /// zeros come in, what leaves the dtype is lost.
  ///
  /// Counts below 0, or of all places or more, move every bit out.
  ///
  /// - Parameters:
  ///   - x: an integer tensor.
  ///   - count: the same dtype; broadcasts.
  @_transparent public static func .<< (x: Expr, count: Expr) -> Expr {
    _shiftLeft(x, count, .here())
  }

  @usableFromInline static func _shiftLeft(_ x: Expr, _ count: Expr, _ at: Location) -> Expr {
    .make(ShiftLeft(), [x, count], at: at)
  }
}

package struct ShiftLeft: BinaryArithmeticOp {
  package static let mnemonic = "shift_left"
  package static let summary = "The bits of each element moved left by a count."
  package init() {}

  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    try sameDType(dtypes, mnemonic, allowed: \.isInteger, "an integer dtype")
  }

  package func gradient(_ upstream: Expr, _ x: Expr, _ y: Expr, _ result: Expr) -> (Expr?, Expr?) {
    (nil, nil)
  }

  package func reference(_ x: Double, _ y: Double) -> Double { .nan }
  package func reference(_ x: Int64, _ y: Int64, _ dtype: DType) -> Int64 {
    // A count that is no place of the dtype, also a negative one, leaves nothing.
    y >= 0 && y < Int64(dtype.byteCount * 8) ? x << y : 0
  }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.shiftLeft(x, y) }
}
