public import GnomonIR
package import GnomonScalars

extension Expr {
  /// Whether both of two truth values hold, element by element; bitwise on integers.
  ///
  /// Both have the same dtype, bool or an integer, and broadcast.
  @_transparent public static func .& (x: Expr, y: Expr) -> Expr { _and(x, y, .here()) }

  @usableFromInline static func _and(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
    .make(And(), [x, y], at: at)
  }
}

package struct And: BitwiseOp {
  package static let mnemonic = "and"
  package static let summary = "Whether both of two truth values hold; bitwise on integers."
  package init() {}

  package var facts: Facts { Facts(isCommutative: true, isElementwise: true, isCheap: true) }

  package func reference(_ x: Int64, _ y: Int64) -> Int64 { x & y }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.and(x, y) }
}
