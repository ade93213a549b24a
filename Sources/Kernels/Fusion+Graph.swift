internal import GnomonIR
internal import GnomonTensors

extension Fusion {
  /// Whether the instruction has code: views and constants are copied into the kernels that read them.
  private func hasCode(_ i: Int) -> Bool {
    !isFree[i] && !views.isView(graph.instructions[i].results)
  }

  /// The instruction that makes an operand's elements, views looked through.
  private func maker(_ operand: ValueID) -> Int? {
    views.definitions[views.base(of: operand).index]
  }

  /// The kernels in an order in which each follows what it reads; those that write variables come
  /// as late as possible, so that they may write in place.
  private func order() -> [Int] {
    let count = graph.instructions.count
    let becomes = Set(graph.updates.map(\.becomes))
    var users = [[Int]](repeating: [], count: count)
    var waiting = [Int](repeating: 0, count: count)
    var writesState = [Bool](repeating: false, count: count)
    var units: [Int] = []
    for i in graph.instructions.indices where hasCode(i) {
      let u = unit(i)
      if u == i { units.append(u) }
      if graph.instructions[i].results.contains(where: { becomes.contains($0) }) {
        writesState[u] = true
      }
      for o in graph.instructions[i].operands {
        guard let d = maker(o), !isFree[d], unit(d) != u else { continue }
        users[unit(d)].append(u)
        waiting[u] += 1
      }
    }
    // What others wait for goes first even if it writes state.
    func isLate(_ u: Int) -> Bool { writesState[u] && users[u].isEmpty }
    var ready: [Int] = units.filter { waiting[$0] == 0 && !isLate($0) }.reversed()
    var late = units.filter { waiting[$0] == 0 && isLate($0) }
    var order: [Int] = []
    while let u = ready.popLast() {
      order.append(u)
      for v in users[u] {
        waiting[v] -= 1
        guard waiting[v] == 0 else { continue }
        if isLate(v) {
          late.append(v)
        } else {
          ready.insert(v, at: ready.firstPlace(below: v))
        }
      }
    }
    return order + late.sorted()
  }

  func emitted() throws -> Graph {
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
      guard let own = members(u) else {
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
    for i in graph.instructions.indices where hasCode(i) {
      for o in graph.instructions[i].operands {
        guard let d = maker(o), members(d) == nil || unit(d) != unit(i) else { continue }
        used.insert(views.base(of: o))
      }
    }
    return used
  }

  /// The region of some instructions with the views and constants they go through.
  private func region(
    _ own: [Int], _ usedOutside: Set<ValueID>
  ) throws -> (Graph, operands: [ValueID], results: [ValueID]) {
    var needed: Set<Int> = []
    var operands: Set<ValueID> = []
    var pending: [ValueID] = own.flatMap { graph.instructions[$0].operands }
    let ownSet = Set(own)
    while let v = pending.popLast() {
      guard let d = views.definitions[v.index] else {
        operands.insert(v)
        continue
      }
      if ownSet.contains(d) { continue }
      if views.isView(v) || isFree[d] {
        if needed.insert(d).inserted { pending += graph.instructions[d].operands }
      } else {
        operands.insert(v)
      }
    }
    let ordered = operands.sorted { $0.raw < $1.raw }
    var builder = GraphBuilder(name: "kernel")
    var map: [ValueID: ValueID] = [:]
    for o in ordered {
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
    return (builder.graph, ordered, results)
  }

  /// A name from what the user called (`softmax`), else from the ops.
  private func kernelName(_ own: [Int]) -> String {
    var parts: [String] = []
    var seen: Set<String> = []
    for i in own {
      let instruction = graph.instructions[i]
      let scope = graph.location(of: instruction).scope?.path.first { $0 != "gradient" }
      let part = scope ?? instruction.op.mnemonic
      if seen.insert(part).inserted { parts.append(part) }
    }
    let kept = parts.count > 4 ? Array(parts.prefix(2)) + Array(parts.suffix(2)) : parts
    let safe = kept.joined(separator: "_").unicodeScalars.map { c in
      ("a"..."z").contains(c) || ("A"..."Z").contains(c) || ("0"..."9").contains(c) || c == "_"
        ? Character(c) : "_"
    }
    return String(String(safe).prefix(60))
  }
}

extension [Int] {
  /// Where a number goes in an array that falls.
  fileprivate func firstPlace(below number: Int) -> Int {
    var range = startIndex..<endIndex
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      range =
        self[middle] < number ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
    }
    return range.lowerBound
  }
}
