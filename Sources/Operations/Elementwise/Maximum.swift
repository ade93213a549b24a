public import GnomonIR
package import GnomonScalars
package import GnomonTensors

/// The larger of two tensors, element by element, with broadcasting.
///
/// NaN if either is NaN; +0 is above -0. Where the two are equal, the derivative goes to `y`: the slope of
/// `maximum(x, 0)` at 0 is 0.
///
/// - Parameters:
///   - x: a numeric tensor.
///   - y: the same dtype.
@_transparent public func maximum(_ x: Expr, _ y: Expr) -> Expr { _maximum(x, y, .here()) }

@usableFromInline func _maximum(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .make(Maximum(), [x, y], at: at)
}

package struct Maximum: BinaryArithmeticOp {
  package static let mnemonic = "maximum"
  package static let summary =
    "The larger of two tensors, element by element; NaN if either is NaN."
  package init() {}

  package var facts: Facts { Facts(isCommutative: true, isElementwise: true, isCheap: true) }

  package func reference(_ x: Double, _ y: Double) -> Double {
    if x.isNaN || y.isNaN { return .nan }
    // Of equal numbers only the zeros differ.
    if x == y { return x.sign == .plus ? x : y }
    return x > y ? x : y
  }
  package func reference(_ x: Int64, _ y: Int64, _ dtype: DType) -> Int64 {
    precedes(x, y, dtype) ? y : x
  }

  package func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value { b.maximum(x, y) }

  package func gradient(_ upstream: Expr, _ x: Expr, _ y: Expr, _ result: Expr) -> (Expr?, Expr?) {
    let left = x .> y
    return (select(left, upstream, 0), select(left, 0, upstream))
  }
}
