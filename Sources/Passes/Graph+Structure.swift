package import GnomonIR

extension Graph {
  /// Whether two graphs are the same program under the same numbering: ops, operands, types,
  /// regions, results and updates. Names and locations do not matter.
  package func isSameProgram(as other: Graph) -> Bool {
    guard instructions.count == other.instructions.count, parameters == other.parameters,
      results == other.results, updates == other.updates, variables == other.variables,
      values.count == other.values.count
    else { return false }
    for (a, b) in zip(values, other.values) where a.type != b.type { return false }
    for (a, b) in zip(instructions, other.instructions) {
      guard a.operands == b.operands, a.results == b.results, a.op.isEqual(to: b.op),
        a.regions.count == b.regions.count,
        zip(a.regions, b.regions).allSatisfy({ $0.isSameProgram(as: $1) })
      else { return false }
    }
    return true
  }

  /// The number of instructions, those of regions included.
  package var totalInstructionCount: Int {
    instructions.reduce(instructions.count) { total, instruction in
      instruction.regions.reduce(total) { $0 + $1.totalInstructionCount }
    }
  }

  /// The graph with each region replaced by what `transform` makes of it.
  package func mappingRegions(_ transform: (Graph) throws -> Graph) rethrows -> Graph {
    var copy = self
    for i in copy.instructions.indices where !copy.instructions[i].regions.isEmpty {
      copy.instructions[i].regions = try copy.instructions[i].regions.map(transform)
    }
    return copy
  }
}

extension Pass {
  /// A pass that works on one graph at a time: on the regions first, innermost first, then on the
  /// graph that holds them.
  static func everywhere(
    _ name: String, _ summary: String, isExact: Bool = true,
    run: @escaping @Sendable (Graph) throws -> Graph
  ) -> Pass {
    @Sendable func apply(_ graph: Graph) throws -> Graph {
      try run(try graph.mappingRegions(apply))
    }
    return Pass(name, summary, isExact: isExact, run: apply)
  }
}
