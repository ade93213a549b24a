internal import GnomonIR
internal import GnomonTensors

extension Graph {
  /// Kernels that a file asks for give way to the ones that fusion makes: a region written by hand may
  /// hold what no schedule can run at once.
  func dissolved() throws -> Graph {
    guard instructions.contains(where: { $0.op is Fused }) else { return self }
    return try rebuilt { builder, instruction, _ in
      instruction.op is Fused
        ? builder.inline(instruction.regions[0], instruction.operands) : nil
    }
  }

  /// Each use of what is computed from nothing (`iota`) gets its own: two positions in one kernel would
  /// be two of its loops, and memory for it would be read where counting is free.
  func duplicated() throws -> Graph {
    let definitions = self.definitions()
    func isFree(_ v: ValueID) -> Bool {
      guard let d = definitions[v.index], instructions[d].operands.isEmpty,
        instructions[d].results.count == 1, instructions[d].regions.isEmpty,
        case .compute(let list) = lowering(of: instructions[d])
      else { return false }
      return list.count == 1 && list[0].combiner == nil && list[0].offset == nil
    }
    let uses = useCounts()
    let shared = instructions.indices.filter { i in
      instructions[i].results.count == 1 && uses[instructions[i].results[0].index] > 1
        && !type(of: instructions[i].results[0]).shape.isEmpty && isFree(instructions[i].results[0])
    }
    guard !shared.isEmpty else { return self }
    let again = Set(shared.map { instructions[$0].results[0] })
    // The first use keeps the one that is there.
    var taken = Set(outputs)
    return try rebuilt { builder, instruction, i in
      let old = instructions[i]
      guard old.operands.contains(where: { again.contains($0) }) else { return nil }
      var renamed = instruction
      for (k, o) in old.operands.enumerated()
      where again.contains(o) && !taken.insert(o).inserted {
        renamed.operands[k] =
          builder.append(
            instructions[definitions[o.index]!].op, [], types: [type(of: o)])[0]
      }
      return builder.append(
        renamed.op, renamed.operands, types: old.results.map { type(of: $0) },
        names: old.results.map { values[$0.index].name }, regions: instruction.regions)
    }
  }

  /// Copies where a value must have memory of its own: results that are parameters, views, constants
  /// or given twice, and operands of ops that take whole buffers.
  ///
  /// - Parameter carries: how many of the results are carries of a loop; those may be outputs too.
  func materialized(carries: Int = 0) throws -> Graph {
    let views = ViewResolution(self)
    /// Whether the value is computed by a kernel or a branch into a buffer.
    func isOwn(_ v: ValueID) -> Bool {
      guard let d = views.definitions[v.index] else { return false }
      switch views.lowerings[d] {
      case .compute, .scatter, .prefix, .order, .routine, .branch, .loop: return true
      default: return false
      }
    }
    func hasBuffer(_ v: ValueID) -> Bool { !views.isView(v) }
    // Of operands that are only read: a sequence that a loop and the loop of its gradient run over is
    // copied once.
    var copies: [ValueID: ValueID] = [:]
    var result = try rebuilt { builder, instruction, index in
      let old = instructions[index]
      var needsBuffers = false
      switch views.lowerings[index] {
      case .branch, .loop, .scatter, .prefix, .order, .routine, .check, .print, .barrier:
        needsBuffers = true
      case .reshape: needsBuffers = !views.isView(old.results[0])
      default: break
      }
      var renamed = instruction
      if needsBuffers {
        for (k, o) in old.operands.enumerated() where !hasBuffer(o) {
          let isChanged = k < views.lowerings[index].changedOperands
          let known = isChanged ? nil : copies[o]
          let copy = try known ?? builder.make(Copy(), instruction.operands[k])
          renamed.operands[k] = copy
          if !isChanged { copies[o] = copy }
        }
      }
      var carries = 0
      if case .loop(let loop) = views.lowerings[index] { carries = loop.carries }
      renamed.regions = try instruction.regions.map {
        try $0.duplicated().materialized(carries: carries)
      }
      return builder.append(
        renamed.op, renamed.operands, types: old.results.map { type(of: $0) },
        names: old.results.map { values[$0.index].name }, regions: renamed.regions)
    }
    // Results: the same order of values as before, so old handles still name them by position.
    var builder = GraphBuilder(continuing: result)
    var taken: Set<ValueID> = []
    func owned(_ old: ValueID, _ new: ValueID) throws -> ValueID {
      // Each result and each update has a buffer of its own.
      if isOwn(old), taken.insert(new).inserted { return new }
      return try builder.make(Copy(), new)
    }
    var newResults: [ValueID] = []
    for (i, (old, new)) in zip(results, result.results).enumerated() {
      if i == carries { taken = [] }
      newResults.append(try owned(old, new))
    }
    let newUpdates = try zip(updates, result.updates).map { old, new in
      Graph.Update(variable: new.variable, becomes: try owned(old.becomes, new.becomes))
    }
    result = builder.graph
    result.results = newResults
    result.updates = newUpdates
    return result
  }
}

extension Lowering {
  /// How many of the first operands lie in buffers that the instruction may turn into its results.
  fileprivate var changedOperands: Int {
    switch self {
    case .loop(let loop): loop.carries
    case .scatter: 1
    default: 0
    }
  }
}
