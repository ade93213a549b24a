public import GnomonIR
package import GnomonScalars
package import GnomonTensors

/// The sign of each element: -1, 0 or 1.
///
/// NaN stays NaN, and the sign of -0 is 0. The slope is 0 everywhere, at 0 too.
///
/// - Parameter x: a numeric tensor.
/// - Returns: the same shape and dtype.
@_transparent public func sign(_ x: Expr) -> Expr { _sign(x, .here()) }

@usableFromInline func _sign(_ x: Expr, _ at: Location) -> Expr { .make(Sign(), [x], at: at) }

package struct Sign: ElementwiseOp {
  package static let mnemonic = "sign"
  package static let summary = "The sign of each element: -1, 0 or 1."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isIdempotent: true, isCheap: true) }

  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    try sameDType(dtypes, mnemonic, allowed: { $0 != .bool }, "a numeric dtype")
  }

  package func gradient(_ c: GradientContext) -> [Expr?] { [nil] }

  package func reference(_ x: [Double]) -> Double {
    x[0] > 0 ? 1 : x[0] < 0 ? -1 : x[0] == 0 ? 0 : x[0]
  }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 {
    x[0] == 0 ? 0 : dtype != .uint64 && x[0] < 0 ? -1 : 1
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value {
    let zero = b.constant(0, x[0].dtype)
    let one = b.constant(1, x[0].dtype)
    if x[0].dtype.isUnsignedInteger { return b.select(b.equal(x[0], zero), zero, one) }
    let minusOne = b.constant(-1, x[0].dtype)
    // Zero of either sign gives +0, and NaN stays.
    let rest = x[0].dtype.isFloat ? b.select(b.equal(x[0], zero), zero, x[0]) : zero
    let notPositive = b.select(b.less(x[0], zero), minusOne, rest)
    return b.select(b.less(zero, x[0]), one, notPositive)
  }
}
