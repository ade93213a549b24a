public import GnomonIR
package import GnomonScalars
package import GnomonTensors

/// The magnitude of each element.
///
/// Integers wrap: the magnitude of the smallest one is itself. The slope at 0 is 0.
///
/// - Parameter x: a numeric tensor.
/// - Returns: the same shape and dtype.
@_transparent public func abs(_ x: Expr) -> Expr { _abs(x, .here()) }

@usableFromInline func _abs(_ x: Expr, _ at: Location) -> Expr { .make(Absolute(), [x], at: at) }

package struct Absolute: ElementwiseOp {
  package static let mnemonic = "abs"
  package static let summary = "The magnitude of each element."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isIdempotent: true, isCheap: true) }

  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    try sameDType(dtypes, mnemonic, allowed: { $0 != .bool }, "a numeric dtype")
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [c.upstream[0].map { g in g * sign(c.operands[0]) }]
  }

  package func reference(_ x: [Double]) -> Double { x[0].magnitude }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 {
    dtype != .uint64 && x[0] < 0 ? 0 &- x[0] : x[0]
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value {
    b.absolute(x[0])
  }
}
