public import GnomonIR
package import GnomonScalars
package import GnomonTensors

extension Expr {
  /// Whether elements of `x` are less than those of `y`; broadcasts.
  ///
  /// Both have the same dtype; the result is bool, and false where either is NaN.
  @_transparent public static func .< (x: Expr, y: Expr) -> Expr { _less(x, y, .here()) }

  /// Whether elements of `x` are greater than those of `y`; broadcasts.
  ///
  /// Both have the same dtype; the result is bool, and false where either is NaN.
  @_transparent public static func .> (x: Expr, y: Expr) -> Expr { _less(y, x, .here()) }

  @usableFromInline static func _less(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
    .make(Less(), [x, y], at: at)
  }
}

package struct Less: ComparisonOp {
  package static let mnemonic = "less"
  package static let summary =
    "Whether elements of the first tensor are less than those of the second."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isCheap: true) }

  package func holds(_ x: Double, _ y: Double) -> Bool { x < y }
  package func holds(_ x: Int64, _ y: Int64, _ dtype: DType) -> Bool { precedes(x, y, dtype) }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.less(x, y) }
}
