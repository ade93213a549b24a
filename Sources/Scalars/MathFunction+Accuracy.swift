package import GnomonTensors

extension MathFunction {
  /// The stated bound of the error, in units of the last place of the true result; the tests hold the
  /// programs to it, and `docs/accuracy.md` has the measured values. For functions of the platform's
  /// library it is what glibc's manual states for them, rounded up, and of the tangent what the sweep found.
  package func ulpBound(_ dtype: DType) -> Double {
    switch self {
    case .exp, .log, .sin, .cos, .power: 1
    case .rsqrt: 1.5
    case .erf, .tan: 1.5
    case .expm1, .log1p, .tanh, .sigmoid, .softplus: 2
    }
  }
}
