package import GnomonIR

/// Computes equal expressions once.
///
///     %1 = tanh %0 : f32[4]
///     %2 = tanh %0 : f32[4]
///     %3 = add %1, %2 : f32[4]
/// ->
///     %1 = tanh %0 : f32[4]
///     %2 = add %1, %1 : f32[4]
///
/// Two instructions are equal when op, attributes, operands and regions are. Each graph is searched
/// on its own: a region has no way to reach a value outside that is not handed in, and what one
/// side of a branch computes is not there on the other.
package let commonSubexpressions = Pass.everywhere(
  "common-subexpressions", "Compute equal expressions once."
) { graph in
  var known: [InstructionKey: [ValueID]] = [:]
  known.reserveCapacity(graph.instructions.count)
  return try graph.rebuilt { builder, instruction, i in
    let old = graph.instructions[i]
    let types = old.results.map { graph.type(of: $0) }
    let key = InstructionKey(instruction)
    if let results = known[key], zip(results, types).allSatisfy({ builder.type(of: $0) == $1 }) {
      return results
    }
    let results = builder.append(
      instruction.op, instruction.operands, types: types,
      names: old.results.map { graph.values[$0.index].name }, regions: instruction.regions)
    known[key] = results
    return results
  }
}

/// What makes two instructions compute the same values.
private struct InstructionKey: Hashable {
  let op: any Op
  let operands: [ValueID]
  let regions: [Graph]

  init(_ instruction: Graph.Instruction) {
    op = instruction.op
    operands = instruction.operands
    regions = instruction.regions
  }

  static func == (a: InstructionKey, b: InstructionKey) -> Bool {
    a.operands == b.operands && a.op.isEqual(to: b.op) && a.regions.count == b.regions.count
      && zip(a.regions, b.regions).allSatisfy { $0.isSameProgram(as: $1) }
  }

  func hash(into h: inout Hasher) {
    h.combine(ObjectIdentifier(type(of: op)))
    op.hash(into: &h)
    h.combine(operands)
    for region in regions { h.combine(region.instructions.count) }
  }
}
