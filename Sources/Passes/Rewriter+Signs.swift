internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

extension Rewriter {
  /// Whether every element of a float value is known to be NaN or at least +0: neither negative, nor
  /// -0, which roots and powers tell from +0.
  func isNonNegative(_ value: ValueID) -> Bool { isNonNegative(value, depth: 6) }

  private func isNonNegative(_ value: ValueID, depth: Int) -> Bool {
    if let number = scalar(value)?.double { return number >= 0 && number.sign == .plus }
    guard depth > 0, let instruction = definition(of: value) else { return false }
    let operands = instruction.operands
    func holds(_ i: Int) -> Bool { isNonNegative(operands[i], depth: depth - 1) }
    switch instruction.op {
    case is Absolute, is Exp, is Sigmoid, is Softplus: return true
    case is Multiply where operands[0] == operands[1]: return true
    // 0 * inf and 0 / 0 are NaN, and +0 + +0 is +0.
    case is Multiply, is Divide, is Add: return holds(0) && holds(1)
    // +0 is more than -0.
    case is Maximum: return holds(0) || holds(1)
    case is Minimum: return holds(0) && holds(1)
    case is SquareRoot, is ReciprocalSquareRoot, is Sum: return holds(0)
    default: return instruction.isConstantView && holds(0)
    }
  }
}
