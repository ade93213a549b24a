internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Which numbers end a call.
public enum NumericChecks: Sendable, Hashable {
  /// None.
  case none
  /// NaN.
  case nan
  /// NaN and infinities.
  case nanAndInfinity
}

extension Graph {
  /// The graph with a check after every instruction that could make the first NaN.
  ///
  /// It goes through the passes first: what is checked is what runs.
  func checkingNumerics(_ checks: NumericChecks) throws -> Graph {
    if checks == .none { return self }
    return try rebuilt { builder, instruction, i in
      let old = instructions[i]
      let results = builder.append(
        instruction.op, instruction.operands, types: old.results.map { type(of: $0) },
        names: old.results.map { values[$0.index].name },
        regions: try instruction.regions.map { try $0.checkingNumerics(checks) })
      guard makesNumbers(old) else { return results }
      return results.map { r in
        guard builder.type(of: r).dtype.isFloat else { return r }
        let check = CheckFinite(
          maker: instruction.op.mnemonic, allowsInfinity: checks == .nan)
        // A loop's operands are carries and rows of steps that are over.
        let shown = instruction.regions.isEmpty ? instruction.operands : []
        return builder.append(check, [r] + shown, types: [builder.type(of: r)])[0]
      }
    }
  }

  /// Whether the instruction computes: constants are meant, and what only moves elements is innocent.
  private func makesNumbers(_ i: Instruction) -> Bool {
    if i.operands.isEmpty { return false }
    switch i.op.lowering(i.operands.map { type(of: $0) }, i.results.map { type(of: $0) }) {
    case .view, .reshape, .data, .check, .print, .barrier, .order: return false
    case .compute, .scatter, .prefix, .branch, .loop, .fused, .inlined, .routine: return true
    }
  }
}
