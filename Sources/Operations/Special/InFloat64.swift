internal import GnomonIR
internal import GnomonTensors

extension Expr {
  /// A formula of floating-point tensors of one dtype, computed in float64 and rounded once.
  static func inFloat64(
    _ name: String, _ operands: [Expr], _ at: Location, _ formula: ([Expr]) -> Expr
  ) -> Expr {
    // The dtype that `elementwise` computes half floats in does no harm: float64 holds its values.
    elementwise(name, operands, at) { x in
      let dtype = x[0].dtype
      return formula(x.map { $0.cast(to: .float64) }).cast(to: dtype)
    }
  }
}

/// A number in float64: a choice between two literals would be float32.
func wide(_ value: Double) -> Expr { .constant(value, .float64, at: .here()) }
