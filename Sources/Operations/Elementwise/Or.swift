public import GnomonIR
package import GnomonScalars

extension Expr {
  /// Whether at least one of two truth values holds, element by element; bitwise on integers.
  ///
  /// Both have the same dtype, bool or an integer, and broadcast.
  @_transparent public static func .| (x: Expr, y: Expr) -> Expr { _or(x, y, .here()) }

  @usableFromInline static func _or(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
    .make(Or(), [x, y], at: at)
  }
}

package struct Or: BitwiseOp {
  package static let mnemonic = "or"
  package static let summary =
    "Whether at least one of two truth values holds; bitwise on integers."
  package init() {}

  package var facts: Facts { Facts(isCommutative: true, isElementwise: true, isCheap: true) }

  package func reference(_ x: Int64, _ y: Int64) -> Int64 { x | y }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.or(x, y) }
}
