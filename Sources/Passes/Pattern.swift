package import GnomonIR
internal import GnomonTensors

/// One side of an equation.
package indirect enum Pattern: Sendable {
  /// Any value; a second occurrence is the same value.
  case value(Int)
  /// A value all of whose elements are this number; the sign of zero counts.
  case number(Double)
  case op(any Op, [Pattern])
}

extension Pattern: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
}

extension Op {
  /// This op of the operands: `Multiply()(x, 1)`.
  package func callAsFunction(_ operands: Pattern...) -> Pattern { .op(self, operands) }
}

/// What the variables of a pattern stand for.
package struct Match {
  private var values: [ValueID?] = [nil, nil, nil, nil]

  package subscript(i: Int) -> ValueID {
    guard let value = values[i] else { preconditionFailure("the left side lacks variable \(i)") }
    return value
  }

  mutating func matches(
    _ pattern: Pattern, op: any Op, _ operands: [ValueID], _ rewriter: Rewriter
  ) -> Bool {
    guard case .op(let wanted, let patterns) = pattern, wanted.isEqual(to: op),
      patterns.count == operands.count
    else { return false }
    let before = values
    if zip(patterns, operands).allSatisfy({ matches($0, $1, rewriter) }) { return true }
    values = before
    guard op.facts.isCommutative, operands.count == 2 else { return false }
    if zip(patterns, operands.reversed()).allSatisfy({ matches($0, $1, rewriter) }) { return true }
    values = before
    return false
  }

  private mutating func matches(
    _ pattern: Pattern, _ value: ValueID, _ rewriter: Rewriter
  ) -> Bool {
    switch pattern {
    case .value(let i):
      if let known = values[i] { return known == value }
      values[i] = value
      return true
    case .number(let wanted):
      guard let scalar = rewriter.scalar(value) else { return false }
      // By bits: -0 is not 0, and a number that the dtype cannot hold is not there.
      return scalar == ScalarValue(wanted, scalar.dtype) && scalar.double == wanted
    case .op:
      guard let instruction = rewriter.definition(of: value) else { return false }
      return matches(pattern, op: instruction.op, instruction.operands, rewriter)
    }
  }
}

extension Pattern {
  /// Emits the right side. Numbers take the dtype of the operand beside them, else `number`.
  func build(
    _ rewriter: inout Rewriter, _ match: Match, number dtype: DType
  ) throws -> ValueID {
    switch self {
    case .value(let i): return match[i]
    case .number(let x): return try rewriter.number(x, dtype)
    case .op(let op, let patterns):
      var operands = [ValueID?](repeating: nil, count: patterns.count)
      for (i, p) in patterns.enumerated() {
        if case .number = p { continue }
        operands[i] = try p.build(&rewriter, match, number: dtype)
      }
      let known = operands.compactMap { $0 }.last.map { rewriter.type(of: $0).dtype } ?? dtype
      let all = try patterns.indices.map { i in
        try operands[i]
          ?? patterns[i].build(&rewriter, match, number: known)
      }
      return try rewriter.emit(op, all)
    }
  }
}
