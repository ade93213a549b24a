package import GnomonTensors

/// Appends instructions to a graph, inferring their types.
package struct GraphBuilder {
  package private(set) var graph: Graph
  private var knownLocations: [Location: LocationID] = [:]
  private var knownRequirements: Set<Requirement> = []
  /// Where new instructions are placed.
  package var location: Location = .unknown

  package init(name: String) { graph = Graph(name: name) }

  /// A builder that appends to a graph that is there.
  package init(continuing graph: Graph) {
    self.graph = graph
    for (i, location) in graph.locations.enumerated() { knownLocations[location] = LocationID(i) }
  }

  package func type(of value: ValueID) -> TensorType { graph.type(of: value) }

  package mutating func addValue(_ type: TensorType, name: String? = nil) -> ValueID {
    graph.values.append(Graph.Value(type, name: name))
    return ValueID(graph.values.count - 1)
  }

  package mutating func addParameter(
    _ type: TensorType, name: String? = nil, isVariable: Bool = false
  ) -> ValueID {
    let v = addValue(type, name: name)
    graph.parameters.append(v)
    if isVariable { graph.variables.insert(v) }
    return v
  }

  package mutating func locationID(_ location: Location) -> LocationID {
    if location == .unknown { return .unknown }
    if let id = knownLocations[location] { return id }
    graph.locations.append(location)
    let id = LocationID(graph.locations.count - 1)
    knownLocations[location] = id
    return id
  }

  /// Appends an instruction whose result types are already known.
  package mutating func append(
    _ op: any Op, _ operands: [ValueID], types: [TensorType], names: [String?] = [],
    regions: [Graph] = [], at location: Location? = nil
  ) -> [ValueID] {
    let results = types.indices.map {
      addValue(types[$0], name: $0 < names.count ? names[$0] : nil)
    }
    let place = locationID(location ?? self.location)
    graph.instructions.append(
      Graph.Instruction(op, operands, results: results, regions: regions, location: place))
    return results
  }

  /// Appends an instruction, inferring its types and recording its requirements.
  package mutating func emit(
    _ op: any Op, _ operands: [ValueID], regions: [Graph] = [], at location: Location? = nil
  ) throws -> [ValueID] {
    var context = TypeContext(
      operands: operands.map { graph.type(of: $0) }, regions: regions.map(\.regionType))
    let types = try op.resultTypes(&context)
    for r in context.requirements { require(r, at: location ?? self.location) }
    return append(op, operands, types: types, regions: regions, at: location)
  }

  /// As `emit`, for an op with one result that cannot be refused here: a refusal is a bug of ours.
  package mutating func make(
    _ op: any Op, _ operands: ValueID..., at location: Location? = nil
  ) throws -> ValueID {
    do { return try emit(op, operands, at: location)[0] } catch let refusal as Refusal {
      throw InternalError("a rewrite built an invalid \(op.mnemonic): \(refusal.message)")
    }
  }

  package mutating func require(_ requirement: Requirement, at location: Location) {
    var placed = requirement
    if placed.location == .unknown { placed.location = location }
    let fact = Requirement(placed.left, placed.relation, placed.right)
    if knownRequirements.insert(fact).inserted { graph.requirements.append(placed) }
  }

  package mutating func setResults(_ results: [ValueID]) { graph.results = results }
  package mutating func addUpdate(_ variable: ValueID, becomes value: ValueID) {
    graph.updates.append(Graph.Update(variable: variable, becomes: value))
  }
  package mutating func setName(_ name: String?, of value: ValueID) {
    graph.values[value.index].name = name
  }
}

extension Graph {
  /// A new graph in which `transform` has replaced each instruction, in order.
  ///
  /// `transform` gets the builder, the instruction with operands already renamed, and the old
  /// instruction; it returns the values that stand for the results, or nil to copy the instruction.
  /// Linear time and no recursion, however deep the graph.
  package func rebuilt(
    _ transform: (inout GraphBuilder, Instruction, _ index: Int) throws -> [ValueID]?
  ) throws -> Graph {
    var builder = GraphBuilder(name: name)
    var map = [ValueID](repeating: ValueID(-1), count: values.count)
    for p in parameters {
      let v = values[p.index]
      map[p.index] = builder.addParameter(
        v.type, name: v.name, isVariable: variables.contains(p))
    }
    for (i, instruction) in instructions.enumerated() {
      var renamed = instruction
      renamed.operands = instruction.operands.map { map[$0.index] }
      builder.location = location(of: instruction)
      let results =
        try transform(&builder, renamed, i)
        ?? builder.append(
          renamed.op, renamed.operands, types: instruction.results.map { type(of: $0) },
          names: instruction.results.map { values[$0.index].name }, regions: renamed.regions)
      guard results.count == instruction.results.count else {
        throw InternalError("a pass replaced \(instruction.op.mnemonic) by \(results.count) values")
      }
      for (old, new) in zip(instruction.results, results) {
        map[old.index] = new
        if let name = values[old.index].name, builder.graph.values[new.index].name == nil {
          builder.setName(name, of: new)
        }
      }
    }
    builder.setResults(results.map { map[$0.index] })
    for u in updates {
      builder.addUpdate(map[u.variable.index], becomes: map[u.becomes.index])
    }
    for r in requirements { builder.require(r, at: r.location) }
    return builder.graph
  }
}

extension Graph {
  /// The graph with ops that are lowered as `inlined` replaced by their first regions, in regions too.
  package func inliningWrappers() throws -> Graph {
    func isWrapper(_ i: Instruction) -> Bool {
      guard !i.regions.isEmpty,
        case .inlined = i.op.lowering(
          i.operands.map { type(of: $0) }, i.results.map { type(of: $0) })
      else { return false }
      return true
    }
    guard instructions.contains(where: { !$0.regions.isEmpty }) else { return self }
    return try rebuilt { builder, instruction, i in
      let old = instructions[i]
      if old.regions.isEmpty { return nil }
      if isWrapper(old) {
        return builder.inline(
          try old.regions[0].inliningWrappers(), instruction.operands)
      }
      return builder.append(
        instruction.op, instruction.operands, types: old.results.map { type(of: $0) },
        names: old.results.map { values[$0.index].name },
        regions: try instruction.regions.map { try $0.inliningWrappers() })
    }
  }
}

extension GraphBuilder {
  /// Appends the instructions of a region with its parameters replaced, and returns its results.
  package mutating func inline(_ region: Graph, _ arguments: [ValueID]) -> [ValueID] {
    var map = [ValueID](repeating: ValueID(-1), count: region.values.count)
    for (p, a) in zip(region.parameters, arguments) { map[p.index] = a }
    for instruction in region.instructions {
      let results = append(
        instruction.op, instruction.operands.map { map[$0.index] },
        types: instruction.results.map { region.type(of: $0) },
        names: instruction.results.map { region.values[$0.index].name },
        regions: instruction.regions, at: region.location(of: instruction))
      for (r, v) in zip(instruction.results, results) { map[r.index] = v }
    }
    for r in region.requirements { require(r, at: r.location) }
    return region.results.map { map[$0.index] }
  }
}
