package import GnomonTensors

extension ScalarProgram {
  /// The operand as it is.
  package static func identity(_ dtype: DType) -> ScalarProgram {
    var b = ScalarBuilder(operands: [dtype])
    let x = b.operand(0)
    return b.program(results: [x])
  }
}
