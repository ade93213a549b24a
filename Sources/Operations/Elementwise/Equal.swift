public import GnomonIR
package import GnomonScalars
package import GnomonTensors

extension Expr {
  /// Whether the elements of two tensors are equal; broadcasts.
  ///
  /// Both have the same dtype; the result is bool. NaN equals nothing, not even NaN.
  @_transparent public static func .== (x: Expr, y: Expr) -> Expr { _equal(x, y, .here()) }

  @usableFromInline static func _equal(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
    .make(Equal(), [x, y], at: at)
  }
}

package struct Equal: ComparisonOp {
  package static let mnemonic = "equal"
  package static let summary = "Whether the elements of two tensors are equal."
  package init() {}

  package var facts: Facts { Facts(isCommutative: true, isElementwise: true, isCheap: true) }

  package func holds(_ x: Double, _ y: Double) -> Bool { x == y }
  package func holds(_ x: Int64, _ y: Int64, _ dtype: DType) -> Bool { x == y }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.equal(x, y) }
}
