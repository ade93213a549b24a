public import GnomonIR
package import GnomonScalars
package import GnomonTensors

extension Expr {
  /// Whether elements of `x` are less than or equal to those of `y`; broadcasts.
  ///
  /// Both have the same dtype; the result is bool, and false where either is NaN.
  @_transparent public static func .<= (x: Expr, y: Expr) -> Expr { _lessEqual(x, y, .here()) }

  /// Whether elements of `x` are greater than or equal to those of `y`; broadcasts.
  ///
  /// Both have the same dtype; the result is bool, and false where either is NaN.
  @_transparent public static func .>= (x: Expr, y: Expr) -> Expr { _lessEqual(y, x, .here()) }

  @usableFromInline static func _lessEqual(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
    .make(LessEqual(), [x, y], at: at)
  }
}

package struct LessEqual: ComparisonOp {
  package static let mnemonic = "less_equal"
  package static let summary =
    "Whether elements of the first tensor are less than or equal to those of the second."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isCheap: true) }

  package func holds(_ x: Double, _ y: Double) -> Bool { x <= y }
  package func holds(_ x: Int64, _ y: Int64, _ dtype: DType) -> Bool { !precedes(y, x, dtype) }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.lessEqual(x, y) }
}
