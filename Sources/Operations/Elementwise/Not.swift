public import GnomonIR
package import GnomonScalars
package import GnomonTensors

extension Expr {
  /// Whether each truth value does not hold; the complement of the bits of integers.
  @_transparent public static prefix func .! (x: Expr) -> Expr { _not(x, .here()) }

  @usableFromInline static func _not(_ x: Expr, _ at: Location) -> Expr {
    .make(Not(), [x], at: at)
  }
}

package struct Not: ElementwiseOp {
  package static let mnemonic = "not"
  package static let summary = "Whether each truth value does not hold; bitwise on integers."
  package init() {}

  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    try truthDType(dtypes, mnemonic)
  }

  package func gradient(_ c: GradientContext) -> [Expr?] { [nil] }

  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 {
    dtype == .bool ? 1 - x[0] : ~x[0]
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value {
    b.emit(.not, x[0].dtype, x[0])
  }
}
