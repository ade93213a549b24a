package import GnomonIR
package import GnomonScalars
package import GnomonTensors

/// Two operands of one dtype, a bool result.
package protocol ComparisonOp: ElementwiseOp {
  func holds(_ x: Double, _ y: Double) -> Bool
  func holds(_ x: Int64, _ y: Int64, _ dtype: DType) -> Bool
  func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value
}

extension ComparisonOp {
  package static var arity: ClosedRange<Int> { 2...2 }

  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    _ = try sameDType(dtypes, mnemonic, allowed: { _ in true }, "any dtype")
    return .bool
  }
  package func reference(_ x: [Double]) -> Double { holds(x[0], x[1]) ? 1 : 0 }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 { holds(x[0], x[1], dtype) ? 1 : 0 }
  package func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value {
    scalar(&b, x[0], x[1])
  }
  // A truth value has no derivative.
  package func gradient(_ c: GradientContext) -> [Expr?] { [nil, nil] }
}

/// Whether `x` is less than `y`; unsigned 64-bit values are bit patterns.
func precedes(_ x: Int64, _ y: Int64, _ dtype: DType) -> Bool {
  dtype == .uint64 ? UInt64(bitPattern: x) < UInt64(bitPattern: y) : x < y
}
