package import GnomonIR
internal import GnomonTensors

extension Pass {
  /// Gathers instructions into kernels.
  ///
  ///     %0 = matmul %x, %w : f32[batch, 10]
  ///     %1 = add %0, %b : f32[batch, 10]
  ///     %2 = tanh %1 : f32[batch, 10]
  /// ->
  ///     %2 = fused {name = "matmul_add_tanh"} %x, %w, %b : f32[batch, 10] { … }
  ///
  /// After it the graph holds only kernels, values that share another's memory (`reshape`,
  /// `check_index`), constants and branches. Greedy: each instruction joins the kernels that make
  /// its
  /// operands if all of them can run over common axes and no path would lead out of the kernel and
  /// back in.
  package static let fuse = Pass("fuse", "Gather instructions into kernels.") { graph in
    try Fusion.run(graph.dissolved().materialized())
  }
}

extension Graph {
  /// Kernels that a file asks for give way to the ones that fusion makes: a region written by hand
  /// may
  /// hold what no schedule can run at once.
  fileprivate func dissolved() throws -> Graph {
    guard instructions.contains(where: { $0.op is Fused }) else { return self }
    return try rebuilt { builder, instruction, _ in
      instruction.op is Fused
        ? builder.inline(instruction.regions[0], instruction.operands) : nil
    }
  }

  /// Copies where a value must have memory of its own: results that are parameters, views,
  /// constants
  /// or given twice, and operands of ops that take whole buffers.
  ///
  /// - Parameter carries: how many of the results are carries of a loop; those may be outputs too.
  func materialized(carries: Int = 0) throws -> Graph {
    let views = ViewResolution(self)
    let definition = views.definitions
    /// Whether the value is computed by a kernel or a branch into a buffer.
    func isOwn(_ v: ValueID) -> Bool {
      guard let d = definition[v.index] else { return false }
      let i = instructions[d]
      switch i.op.lowering(i.operands.map { type(of: $0) }, i.results.map { type(of: $0) }) {
      case .compute, .scatter, .prefix, .order, .branch, .loop: return true
      default: return false
      }
    }
    func hasBuffer(_ v: ValueID) -> Bool { !views.isView(v) }
    var result = try rebuilt { builder, instruction, index in
      let old = instructions[index]
      let lowering = old.op.lowering(
        old.operands.map { type(of: $0) }, old.results.map { type(of: $0) })
      var needsBuffers = false
      switch lowering {
      case .branch, .loop, .scatter, .prefix, .order, .check: needsBuffers = true
      case .reshape: needsBuffers = !views.isView(old.results[0])
      default: break
      }
      var renamed = instruction
      if needsBuffers {
        for (k, o) in old.operands.enumerated() where !hasBuffer(o) {
          renamed.operands[k] = try builder.make(Copy(), instruction.operands[k])
        }
      }
      var carries = 0
      if case .loop(let loop) = lowering { carries = loop.carries }
      renamed.regions = try instruction.regions.map { try $0.materialized(carries: carries) }
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

/// The greedy grouping of one graph.
private struct Fusion {
  let graph: Graph
  let views: ViewResolution
  /// The loops of each instruction that has any; nil for the rest.
  let computations: [[Computation]?]
  /// Constants and other single values without operands: every kernel makes its own.
  let isFree: [Bool]
  /// The values that the graph returns or that variables become.
  let outputs: Set<ValueID>
  /// The group of each instruction, by the number of its first one; -1 outside groups.
  var group: [Int]
  var members: [Int: [Int]] = [:]

  static let sizeLimit = 48

  init(_ graph: Graph) {
    self.graph = graph
    let views = ViewResolution(graph)
    self.views = views
    let outputs = Set(graph.outputs)
    self.outputs = outputs
    let computations = graph.instructions.map { i -> [Computation]? in
      i.results.allSatisfy { views.isView($0) } ? nil : Computation.list(of: i, in: graph)
    }
    self.computations = computations
    // A value that is not there for every point of a computation has to be read from memory.
    var guarded: Set<ValueID> = []
    for (i, instruction) in graph.instructions.enumerated() {
      for read in (computations[i] ?? []).flatMap(\.reads) where !read.guards.isEmpty {
        guarded.insert(views.resolve(instruction.operands[read.operand], read.indices).0)
      }
    }
    isFree = graph.instructions.indices.map { i in
      guard let list = computations[i], graph.instructions[i].operands.isEmpty else { return false }
      return list.allSatisfy { $0.axes.isEmpty }
        && !graph.instructions[i].results.contains { guarded.contains($0) }
        && !graph.instructions[i].results.contains { outputs.contains($0) }
    }
    group = [Int](repeating: -1, count: graph.instructions.count)
  }

  mutating func fused() throws -> Graph {
    for i in graph.instructions.indices where computations[i] != nil && !isFree[i] {
      join(i)
    }
    return try emitted()
  }

  // MARK: - Grouping

  private mutating func join(_ x: Int) {
    var producers: [Int] = []
    for o in graph.instructions[x].operands {
      let (base, _) = views.resolve(o, graph.type(of: o).shape.indices.map { .axis($0) })
      if let d = views.definitions[base.index], group[d] >= 0, !producers.contains(group[d]) {
        producers.append(group[d])
      }
    }
    producers.sort(by: >)
    // All of them at once, else one at a time, the latest first.
    if producers.count > 1, accept(producers, x) { return }
    var joined = false
    for p in producers where !joined { joined = accept([p], x) }
    if joined {
      // Others may still be merged with the group that x is now in.
      for p in producers where members[p] != nil && p != group[x] {
        _ = accept([group[x], p], nil)
      }
      return
    }
    group[x] = x
    members[x] = [x]
  }

  /// Puts the groups and the instruction together if that makes one kernel.
  private mutating func accept(_ groups: [Int], _ x: Int?) -> Bool {
    let all = (groups.flatMap { members[$0]! } + (x.map { [$0] } ?? [])).sorted()
    guard all.count <= Self.sizeLimit else { return false }
    guard
      let analysis = GroupAnalysis(
        all, in: graph, views: views, computations: { computations[$0] }),
      Split.isKernel(analysis, outputs: outputs), !leadsBack(Set(all))
    else { return false }
    let name = all[0]
    for g in groups { members[g] = nil }
    members[name] = all
    for m in all { group[m] = name }
    return true
  }

  /// Whether some operand of the members depends on a member by way of other kernels.
  private func leadsBack(_ own: Set<Int>) -> Bool {
    let first = own.min()!
    var seen: Set<Int> = []
    var pending: [Int] = []
    for m in own {
      for d in sources(of: m) where !own.contains(d) && seen.insert(d).inserted {
        pending.append(d)
      }
    }
    while let i = pending.popLast() {
      let companions = group[i] >= 0 ? members[group[i]]! : [i]
      // Nothing before the first member can depend on a member.
      guard companions.last! > first else { continue }
      for c in companions {
        seen.insert(c)
        for d in sources(of: c) {
          if own.contains(d) { return true }
          if seen.insert(d).inserted { pending.append(d) }
        }
      }
    }
    return false
  }

  /// The instructions that make an instruction's operands, views looked through.
  private func sources(of i: Int) -> [Int] {
    graph.instructions[i].operands.compactMap { o in
      var value = o
      while views.isView(value), let d = views.definitions[value.index] {
        value = graph.instructions[d].operands[0]
      }
      return views.definitions[value.index]
    }
  }

  // MARK: - The new graph

  /// The kernels in an order in which each follows what it reads; those that write variables come
  /// as late as possible, so that they may write in place.
  private func order() -> [Int] {
    // Units: groups by their name, other instructions that are not views or free by their number.
    func unit(_ i: Int) -> Int { group[i] >= 0 ? group[i] : i }
    var dependencies: [Int: Set<Int>] = [:]
    var units: [Int] = []
    for i in graph.instructions.indices {
      if isFree[i] || graph.instructions[i].results.allSatisfy({ views.isView($0) }) { continue }
      let u = unit(i)
      if dependencies[u] == nil {
        dependencies[u] = []
        units.append(u)
      }
      for o in graph.instructions[i].operands {
        let (base, _) = views.resolve(o, graph.type(of: o).shape.indices.map { .axis($0) })
        if let d = views.definitions[base.index], !isFree[d], unit(d) != u {
          dependencies[u]!.insert(unit(d))
        }
      }
    }
    let becomes = Set(graph.updates.map(\.becomes))
    func writesState(_ u: Int) -> Bool {
      (members[u] ?? [u]).contains {
        graph.instructions[$0].results.contains { becomes.contains($0) }
      }
    }
    var users: [Int: [Int]] = [:]
    for (u, all) in dependencies { for d in all { users[d, default: []].append(u) } }
    var waiting = dependencies.mapValues(\.count)
    // What others wait for goes first even if it writes state.
    func isLate(_ u: Int) -> Bool { writesState(u) && users[u, default: []].isEmpty }
    var ready = units.filter { waiting[$0] == 0 && !isLate($0) }.sorted(by: >)
    var late: [Int] = []
    var order: [Int] = []
    var lateReady = units.filter { waiting[$0] == 0 && isLate($0) }.sorted()
    while let u = ready.popLast() {
      order.append(u)
      for v in users[u, default: []].sorted() {
        waiting[v]! -= 1
        guard waiting[v] == 0 else { continue }
        if isLate(v) {
          lateReady.append(v)
        } else {
          let at = ready.firstIndex { $0 < v } ?? ready.count
          ready.insert(v, at: at)
        }
      }
    }
    late += lateReady.sorted()
    return order + late
  }

  private func emitted() throws -> Graph {
    var builder = GraphBuilder(name: graph.name)
    var map: [ValueID: ValueID] = [:]
    for p in graph.parameters {
      let v = graph.values[p.index]
      map[p] = builder.addParameter(
        v.type, name: v.name, isVariable: graph.variables.contains(p))
    }
    for r in graph.requirements { builder.require(r, at: r.location) }
    let usedOutside = valuesUsedOutside()
    var names: [String: Int] = [:]
    for u in order() {
      guard let own = members[u] else {
        let instruction = graph.instructions[u]
        let regions = try instruction.regions.map { try Fusion.run($0) }
        let results = builder.append(
          instruction.op, try instruction.operands.map { try self.mapped($0, map, &builder) },
          types: instruction.results.map { graph.type(of: $0) },
          names: instruction.results.map { graph.values[$0.index].name }, regions: regions,
          at: graph.location(of: instruction))
        for (old, new) in zip(instruction.results, results) { map[old] = new }
        continue
      }
      let (region, operands, results) = try self.region(own, usedOutside)
      var name = kernelName(own)
      names[name, default: 0] += 1
      if let n = names[name], n > 1 { name += "_\(n)" }
      let last = graph.instructions[own.last!]
      let new = builder.append(
        Fused(name: name), operands.map { map[$0]! }, types: results.map { graph.type(of: $0) },
        names: results.map { graph.values[$0.index].name }, regions: [region],
        at: graph.location(of: last))
      for (old, new) in zip(results, new) { map[old] = new }
    }
    builder.setResults(graph.results.map { map[$0]! })
    for u in graph.updates { builder.addUpdate(map[u.variable]!, becomes: map[u.becomes]!) }
    return builder.graph
  }

  static func run(_ graph: Graph) throws -> Graph {
    var fusion = Fusion(graph)
    return try fusion.fused()
  }

  /// An operand of an op outside kernels; a free constant is made for it.
  private func mapped(
    _ v: ValueID, _ map: [ValueID: ValueID], _ builder: inout GraphBuilder
  ) throws -> ValueID {
    if let known = map[v] { return known }
    guard let d = views.definitions[v.index], isFree[d] else {
      throw InternalError("%\(v.raw) was used before its kernel")
    }
    let (region, _, results) = try self.region([d], [v])
    return builder.append(
      Fused(name: graph.instructions[d].op.mnemonic), [], types: results.map { graph.type(of: $0) },
      regions: [region], at: graph.location(of: graph.instructions[d]))[0]
  }

  private func valuesUsedOutside() -> Set<ValueID> {
    var used = Set(graph.outputs)
    for (i, instruction) in graph.instructions.enumerated() {
      // Views are copied into the kernels that read them.
      if isFree[i] || instruction.results.allSatisfy({ views.isView($0) }) { continue }
      for o in instruction.operands {
        let (base, _) = views.resolve(o, graph.type(of: o).shape.indices.map { .axis($0) })
        guard let d = views.definitions[base.index] else { continue }
        if group[d] < 0 || group[d] != group[i] { used.insert(base) }
      }
    }
    return used
  }

  /// The region of some instructions with the views and constants they go through.
  private func region(
    _ own: [Int], _ usedOutside: Set<ValueID>
  ) throws -> (Graph, operands: [ValueID], results: [ValueID]) {
    var needed: Set<Int> = []
    var operands: [ValueID] = []
    var pending: [ValueID] = own.flatMap { graph.instructions[$0].operands }
    let ownSet = Set(own)
    while let v = pending.popLast() {
      guard let d = views.definitions[v.index] else {
        if !operands.contains(v) { operands.append(v) }
        continue
      }
      if ownSet.contains(d) { continue }
      if views.isView(v) || isFree[d] {
        if needed.insert(d).inserted { pending += graph.instructions[d].operands }
      } else if !operands.contains(v) {
        operands.append(v)
      }
    }
    operands.sort { $0.raw < $1.raw }
    var builder = GraphBuilder(name: "kernel")
    var map: [ValueID: ValueID] = [:]
    for o in operands {
      map[o] = builder.addParameter(graph.type(of: o), name: graph.values[o.index].name)
    }
    var results: [ValueID] = []
    for i in (own + needed).sorted() {
      let instruction = graph.instructions[i]
      let new = builder.append(
        instruction.op, instruction.operands.map { map[$0]! },
        types: instruction.results.map { graph.type(of: $0) },
        names: instruction.results.map { graph.values[$0.index].name },
        at: graph.location(of: instruction))
      for (old, n) in zip(instruction.results, new) {
        map[old] = n
        if ownSet.contains(i), usedOutside.contains(old) { results.append(old) }
      }
    }
    builder.setResults(results.map { map[$0]! })
    return (builder.graph, operands, results)
  }

  /// A name from what the user called (`softmax`), else from the ops.
  private func kernelName(_ own: [Int]) -> String {
    var parts: [String] = []
    for i in own {
      let instruction = graph.instructions[i]
      let scope = graph.location(of: instruction).scope?.path.first { $0 != "gradient" }
      let part = scope ?? instruction.op.mnemonic
      if parts.last != part && !parts.contains(part) { parts.append(part) }
    }
    let kept = parts.count > 4 ? Array(parts.prefix(2)) + Array(parts.suffix(2)) : parts
    let safe = kept.joined(separator: "_").unicodeScalars.map { c in
      ("a"..."z").contains(c) || ("A"..."Z").contains(c) || ("0"..."9").contains(c) || c == "_"
        ? Character(c) : "_"
    }
    return String(String(safe).prefix(60))
  }
}

extension Split {
  /// Whether the instructions make one kernel that runs well.
  ///
  /// - Parameter outputs: values that are written in any case.
  static func isKernel(_ analysis: GroupAnalysis, outputs: Set<ValueID>) -> Bool {
    let outline = analysis.outline
    guard let split = Split.of(outline),
      writesOnce(split, outline, analysis.stages.map { outputs.contains($0.value) })
    else { return false }
    guard case .rows(let outer, let inner) = split, outer.isEmpty, outline.stages.count > 1 else {
      return true
    }
    // One long row in several passes would run on one thread: two kernels are better.
    let size = inner.reduce(Dim(1)) { $0 * analysis.axes[$1] }
    if let n = size.constant, n <= 2 * RowSchedule.block { return true }
    guard let roles = RowRoles(outline, outer: [], inner: Set(inner)) else { return false }
    var late = [Bool](repeating: false, count: outline.stages.count)
    for (s, stage) in outline.stages.enumerated() {
      late[s] = stage.inputs.contains { roles.roles[$0] == .rowReduction || late[$0] }
      if late[s] && (roles.roles[s] == .inner || roles.roles[s] == .rowReduction) { return false }
    }
    return true
  }

  /// Whether every value that is written is computed once. One without some axis of the outer loops
  /// would be made again in each of their turns: the update of a small parameter within the rows of a
  /// large one; and a variable updated in place would be read again after it was written.
  private static func writesOnce(
    _ split: Split, _ outline: GroupOutline, _ isWritten: [Bool]
  ) -> Bool {
    let loops: Set<Int>
    var roles: [RowRoles.Role] = []
    switch split {
    case .boxes: return true
    case .tile(let anchor): loops = Set(outline.stages[anchor].axes)
    case .rows(let outer, let inner):
      // A single row may be cut into parts for several threads.
      loops = Set(outer.isEmpty ? inner : outer)
      roles = RowRoles(outline, outer: Set(outer), inner: Set(inner))?.roles ?? []
    }
    // What follows from a reduction is computed when that is whole.
    var follows: [Bool] = []
    for stage in outline.stages {
      follows.append(stage.combiner != nil || stage.inputs.contains { follows[$0] })
    }
    return outline.stages.indices.allSatisfy { s in
      let stage = outline.stages[s]
      return !isWritten[s] || stage.combiner != nil || loops.isSubset(of: stage.axes)
        || (s < roles.count && (roles[s] == .after || roles[s] == .row && follows[s]))
    }
  }
}
