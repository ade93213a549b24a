package import GnomonIR
package import GnomonTensors

/// A loop whose number of steps is known at entry.
///
///     (carry, outputs[p]) = region(carry, sequences[p]…, captures…)     for p in 0..<length
///
/// The operands are the initial carries, then the sequences, of which step `p` sees row `p`, then
/// what the region captures. The results are the carries after the last step, then one tensor for
/// each output, whose row `p` is what step `p` gave.
package struct Scan: Op {
  package static let mnemonic = "scan"
  package static let summary =
    "A loop over the rows of sequences that hands carries from step to step and keeps outputs."
  package static let constraints = [
    "the operands are the initial carries, the sequences and the captures",
    "the region takes the carries, one row of each sequence, and the captures",
    "the region gives the carries of the next step, of the same types, then the outputs",
    "the first size of every sequence is the length",
    "the length and the truncation are not negative",
  ]
  package static let arity = 0...Int.max
  package static let regionCount = 1

  /// How many of the operands are carries.
  package var carries: Int
  /// How many are sequences.
  package var sequences: Int
  /// The number of steps.
  package var length: Dim
  /// Whether the last row comes first. Outputs lie at the row of their step all the same.
  package var isReversed: Bool
  /// How many steps, counted from the last one run, derivatives go back; all when nil.
  package var truncation: Int?

  package init(
    carries: Int, sequences: Int, length: Dim, isReversed: Bool = false, truncation: Int? = nil
  ) {
    self.carries = carries
    self.sequences = sequences
    self.length = length
    self.isReversed = isReversed
    self.truncation = truncation
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let lead = carries + sequences
    guard carries >= 0, sequences >= 0, context.operands.count >= lead else {
      throw Refusal(
        .verification,
        "\(carries) carries and \(sequences) sequences among \(context.operands.count) operands",
        constraint: "C1")
    }
    guard (truncation ?? 0) >= 0, context.requireOrder(length, atLeast: 0) else {
      throw Refusal(.loopMalformed, "the number of steps \(length) is negative", constraint: "C5")
    }
    var parameters = Array(context.operands[..<carries])
    for k in carries..<lead {
      let type = context.operands[k]
      guard let first = type.shape.first else {
        throw Refusal(
          .loopMalformed, "a sequence is a scalar, which has no rows", constraint: "C4",
          marks: [Refusal.Mark(k)])
      }
      guard context.agree(first, length) else {
        throw Refusal(
          .loopMalformed, "a sequence has \(first) rows, the loop \(length) steps",
          constraint: "C4", marks: (carries..<lead).map { Refusal.Mark($0, [0]) })
      }
      parameters.append(TensorType(type.dtype, Array(type.shape.dropFirst())))
    }
    parameters += context.operands[lead...]
    guard context.regions.count == 1, context.regions[0].parameters == parameters else {
      throw Refusal(.verification, "the region does not take the operands", constraint: "C2")
    }
    let results = context.regions[0].results
    guard results.count >= carries, Array(results[..<carries]) == Array(parameters[..<carries])
    else {
      throw Refusal(
        .carryMismatch, "the region gives other carries than it takes", constraint: "C3")
    }
    return results[..<carries]
      + results[carries...].map { TensorType($0.dtype, [length] + $0.shape) }
  }

  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    try ScanGradient(self, c).operandDerivatives()
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let count = try context.value(length)
    let lead = carries + sequences
    var carry = Array(operands[..<carries])
    var kept = [[[UInt64]]](
      repeating: Array(repeating: [], count: count), count: context.resultTypes.count - carries)
    for step in 0..<count {
      let row = isReversed ? count - 1 - step : step
      let slices = try operands[carries..<lead].map { try $0.row(row) }
      let results = try context.run(0, carry + slices + operands[lead...])
      carry = Array(results[..<carries])
      for (k, output) in results[carries...].enumerated() { kept[k][row] = output.bits }
    }
    let outputs = try kept.enumerated().map { k, rows in
      Tensor(
        dtype: context.resultTypes[carries + k].dtype, shape: Shape(try context.shape(carries + k)),
        bits: Array(rows.joined()))
    }
    return carry + outputs
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .loop(Loop(carries: carries, sequences: sequences, length: length, isReversed: isReversed))
  }
}
