public import GnomonIR
package import GnomonScalars
package import GnomonTensors

extension Expr {
  /// The product of two tensors, element by element, with broadcasting.
  ///
  /// Both have the same numeric dtype; integers wrap.
  @_transparent public static func * (x: Expr, y: Expr) -> Expr { _multiply(x, y, .here()) }

  @usableFromInline static func _multiply(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
    if let a = x.literalValue, let b = y.literalValue { return .literal(a * b, at: at) }
    return .make(Multiply(), [x, y], at: at)
  }
}

package struct Multiply: BinaryArithmeticOp {
  package static let mnemonic = "multiply"
  package static let summary = "The product of two tensors, element by element."
  package init() {}

  package var facts: Facts { Facts(isCommutative: true, isElementwise: true, isCheap: true) }

  package func reference(_ x: Double, _ y: Double) -> Double { x * y }
  package func reference(_ x: Int64, _ y: Int64, _ dtype: DType) -> Int64 { x &* y }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.multiply(x, y) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ y: Expr, _ result: Expr) -> (Expr?, Expr?) {
    (upstream * y, upstream * x)
  }
}
