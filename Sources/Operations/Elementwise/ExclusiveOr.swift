public import GnomonIR
package import GnomonScalars

extension Expr {
  /// Whether exactly one of two truth values holds, element by element; bitwise on integers.
  ///
  /// Both have the same dtype, bool or an integer, and broadcast.
  @_transparent public static func .^ (x: Expr, y: Expr) -> Expr { _xor(x, y, .here()) }

  @usableFromInline static func _xor(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
    .make(ExclusiveOr(), [x, y], at: at)
  }
}

package struct ExclusiveOr: BitwiseOp {
  package static let mnemonic = "xor"
  package static let summary = "Whether exactly one of two truth values holds; bitwise on integers."
  package init() {}

  package var facts: Facts { Facts(isCommutative: true, isElementwise: true, isCheap: true) }

  package func reference(_ x: Int64, _ y: Int64) -> Int64 { x ^ y }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.xor(x, y) }
}
