public import GnomonIR
package import GnomonScalars
public import GnomonTensors

extension Expr {
  /// The same values as another dtype.
  ///
  /// To a float: the nearest value, ties to even. From a float to an integer: cut towards zero and
  /// saturated, NaN gives 0. Between integers: cut to the width. To `bool`: whether it is not 0.
  /// The derivative is cast back; none passes through integers.
  @_transparent public func cast(to dtype: DType) -> Expr { _cast(dtype, .here()) }

  @usableFromInline func _cast(_ dtype: DType, _ at: Location) -> Expr {
    if let value = literalValue { return .constant(value, dtype, at: at) }
    return !isInvalid && self.dtype == dtype ? self : .make(Cast(to: dtype), [self], at: at)
  }
}

package struct Cast: ElementwiseOp {
  package static let mnemonic = "cast"
  package static let summary = "The same values as another dtype."
  package static let constraints: [String] = []

  package var to: DType
  package init(to: DType) { self.to = to }

  package func resultDType(_ dtypes: [DType]) -> DType { to }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0], c.operands[0].dtype.isFloat, to.isFloat else { return [nil] }
    return [g.cast(to: c.operands[0].dtype)]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) -> [Tensor] {
    [operands[0].cast(to: to)]
  }

  package func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value {
    b.convert(x[0], to: to)
  }
}
