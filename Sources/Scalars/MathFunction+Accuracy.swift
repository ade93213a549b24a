package import GnomonTensors

extension MathFunction {
  /// The stated bound of the error, in units of the last place of the true result; the tests hold the
  /// programs to it, `docs/accuracy.md` has the measured values. For functions of the platform's
  /// library it is what glibc states.
  package func ulpBound(_ dtype: DType) -> Double {
    switch (self, dtype) {
    case (.exp, .float32), (.log, .float32), (.power, .float32): 1
    case (.sin, _), (.cos, _), (.tan, _), (.power, _): 1
    default: 2
    }
  }
}
