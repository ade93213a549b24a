package import GnomonIR
internal import GnomonOperations

/// Replaces a decided branch by the side that is taken, and moves constants into the sides.
///
///     %1 = constant true : bool[]
///     %2 = branch %1, %0 (%a) { %b = exp %a; return %b } (%a) { return %a } : f32[4]
/// ->
///     %1 = exp %0 : f32[4]
///
/// A branch is decided when its condition is a constant or its sides are the same.
package let resolveBranches = Pass.everywhere(
  "resolve-branches", "Replace decided branches by the side that is taken."
) { graph in
  guard graph.instructions.contains(where: { $0.op is Branch }) else { return graph }
  // The constants among the values of the new graph.
  var constants: [ValueID: any Op] = [:]
  return try graph.rebuilt { builder, instruction, i in
    let old = graph.instructions[i]
    let types = old.results.map { graph.type(of: $0) }
    let names = old.results.map { graph.values[$0.index].name }
    guard instruction.op is Branch else {
      let results = builder.append(
        instruction.op, instruction.operands, types: types, names: names,
        regions: instruction.regions)
      if instruction.op is Constant { constants[results[0]] = instruction.op }
      return results
    }
    let captures = Array(instruction.operands.dropFirst())
    let condition = constants[instruction.operands[0]] as? Constant
    let isSame = instruction.regions[0].isSameProgram(as: instruction.regions[1])
    if condition != nil || isSame {
      let side = condition.map { $0.value.bits != 0 ? 0 : 1 } ?? 0
      return builder.inline(instruction.regions[side], captures)
    }
    var regions = instruction.regions
    for (k, capture) in captures.enumerated() {
      let constant = constants[capture]
      let first = captures.firstIndex(of: capture) ?? k
      guard constant != nil || first < k else { continue }
      regions = regions.map { $0.replacingParameter(k, by: constant, or: first) }
    }
    return builder.append(
      instruction.op, instruction.operands, types: types, names: names, regions: regions)
  }
}

extension Graph {
  /// The region with its `k`th parameter no longer used: in its place stands a constant, or another
  /// parameter with the same value.
  fileprivate func replacingParameter(
    _ k: Int, by constant: (any Op)?, or first: Int
  ) -> Graph {
    let parameter = parameters[k]
    guard useCounts()[parameter.index] > 0 else { return self }
    var copy = self
    var replacement = parameters[first]
    if let constant {
      copy.values.append(Value(type(of: parameter)))
      replacement = ValueID(copy.values.count - 1)
      copy.instructions.insert(Instruction(constant, [], results: [replacement]), at: 0)
    }
    for i in copy.instructions.indices {
      for j in copy.instructions[i].operands.indices
      where copy.instructions[i].operands[j] == parameter {
        copy.instructions[i].operands[j] = replacement
      }
    }
    copy.results = copy.results.map { $0 == parameter ? replacement : $0 }
    return copy.renumbered(keeping: copy.instructions)
  }
}
