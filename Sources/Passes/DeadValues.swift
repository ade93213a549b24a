package import GnomonIR
internal import GnomonOperations

/// Removes what no result and no update depends on.
///
///     %2 = tanh %0 : f32[4]
///     %3 = add %0, %1 : f32[4]
///     return %3
/// ->
///     %2 = add %0, %1 : f32[4]
///     return %2
///
/// Of a branch it also removes single results, and captures that neither side uses; of a loop the
/// outputs that nobody reads, the carries that only serve themselves, and the sequences and captures
/// that no step uses. The parameters
/// of the function stay: they are its signature. An error that only a dead value could report (an
/// index out of range) is not reported.
package let deadValues = Pass("dead-values", "Remove what no result and no update depends on.") {
  withoutDeadValues($0)
}

func withoutDeadValues(_ graph: Graph) -> Graph {
  var needed = [Bool](repeating: false, count: graph.values.count)
  for v in graph.outputs { needed[v.index] = true }
  var kept: [Graph.Instruction] = []
  for instruction in graph.instructions.reversed() {
    guard instruction.results.contains(where: { needed[$0.index] }) else { continue }
    var instruction = instruction
    if !instruction.regions.isEmpty { trim(&instruction, needed) }
    for o in instruction.operands { needed[o.index] = true }
    kept.append(instruction)
  }
  if kept.count == graph.instructions.count,
    zip(kept.reversed(), graph.instructions).allSatisfy({
      $0.results.count == $1.results.count && $0.regions.isEmpty
    })
  {
    return graph
  }
  return graph.renumbered(keeping: kept.reversed())
}

/// Removes unused results and captures of an instruction whose regions take its last operands and
/// give its results.
private func trim(_ instruction: inout Graph.Instruction, _ needed: [Bool]) {
  if let scan = instruction.op as? Scan {
    trim(&instruction, scan, needed)
    return
  }
  guard instruction.op is Branch || instruction.op is Fused else {
    instruction.regions = instruction.regions.map(withoutDeadValues)
    return
  }
  let used = instruction.results.indices.filter { needed[instruction.results[$0].index] }
  instruction.results = used.map { instruction.results[$0] }
  instruction.regions = instruction.regions.map { region in
    var copy = region
    copy.results = used.map { region.results[$0] }
    return withoutDeadValues(copy)
  }
  let captures = instruction.regions[0].parameters.count
  let lead = instruction.operands.count - captures
  var isUsed = [Bool](repeating: false, count: captures)
  for region in instruction.regions {
    let uses = region.useCounts()
    for (i, p) in region.parameters.enumerated() where uses[p.index] > 0 { isUsed[i] = true }
  }
  guard isUsed.contains(false) else { return }
  let staying = isUsed.indices.filter { isUsed[$0] }
  instruction.operands =
    Array(instruction.operands[..<lead]) + staying.map { instruction.operands[lead + $0] }
  instruction.regions = instruction.regions.map { region in
    var copy = region
    copy.parameters = staying.map { region.parameters[$0] }
    return copy.renumbered(keeping: copy.instructions)
  }
}

extension Graph {
  /// The graph with these instructions, its values numbered anew in the order of their definition.
  package func renumbered(keeping kept: some Sequence<Instruction>) -> Graph {
    var result = Graph(name: name)
    var map = [ValueID](repeating: ValueID(-1), count: values.count)
    func define(_ old: ValueID) -> ValueID {
      result.values.append(values[old.index])
      map[old.index] = ValueID(result.values.count - 1)
      return map[old.index]
    }
    result.parameters = parameters.map(define)
    result.variables = Set(variables.map { map[$0.index] })
    result.locations = locations
    result.requirements = requirements
    for var instruction in kept {
      instruction.operands = instruction.operands.map { map[$0.index] }
      instruction.results = instruction.results.map(define)
      result.instructions.append(instruction)
    }
    result.results = results.map { map[$0.index] }
    result.updates = updates.map {
      Update(variable: map[$0.variable.index], becomes: map[$0.becomes.index])
    }
    return result
  }
}
