public import GnomonIR
package import GnomonScalars
package import GnomonTensors

extension Expr {
  /// The negative of each element; integers wrap.
  @_transparent public static prefix func - (x: Expr) -> Expr { _negate(x, .here()) }

  @usableFromInline static func _negate(_ x: Expr, _ at: Location) -> Expr {
    if let value = x.literalValue { return .literal(-value, at: at) }
    return .make(Negate(), [x], at: at)
  }
}

package struct Negate: ElementwiseOp {
  package static let mnemonic = "negate"
  package static let summary = "The negative of each element."
  package init() {}

  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    try sameDType(dtypes, mnemonic, allowed: { $0 != .bool }, "a numeric dtype")
  }

  package func gradient(_ c: GradientContext) -> [Expr?] { [c.upstream[0].map { -$0 }] }

  package func reference(_ x: [Double]) -> Double { -x[0] }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 { 0 &- x[0] }

  package func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value {
    b.negate(x[0])
  }
}
