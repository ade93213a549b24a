package import GnomonIR
package import GnomonScalars
package import GnomonTensors

/// Two operands of one dtype, bool or an integer, which the result shares.
package protocol BitwiseOp: ElementwiseOp {
  func reference(_ x: Int64, _ y: Int64) -> Int64
  func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value
}

extension BitwiseOp {
  package static var arity: ClosedRange<Int> { 2...2 }

  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    try truthDType(dtypes, mnemonic)
  }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 { reference(x[0], x[1]) }
  package func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value {
    scalar(&b, x[0], x[1])
  }
  package func gradient(_ c: GradientContext) -> [Expr?] { [nil, nil] }
}

/// The common dtype of operands that are bools or integers.
func truthDType(_ dtypes: [DType], _ name: String) throws(Refusal) -> DType {
  let dtype = try sameDType(dtypes, name, allowed: { _ in true }, "")
  guard !dtype.isFloat else {
    throw Refusal(
      .dtypeNotSupported, "not defined for \(dtype); it needs bool or an integer dtype",
      constraint: "C2", help: "compare first, for example {0} .!= 0")
  }
  return dtype
}
