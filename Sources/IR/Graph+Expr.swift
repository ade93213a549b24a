internal import GnomonTensors

extension Graph {
  /// The graph of expressions. `inputs` and `variables` become its parameters, in that order;
  /// `givens` replaces values while the graph is built.
  ///
  /// Iterative: expression chains may be millions of nodes deep.
  package static func build(
    name: String, inputs: [Expr], variables: [Expr] = [], results: [Expr],
    updates: [(variable: Expr, becomes: Expr)] = [], givens: [(Expr, Expr)] = []
  ) throws -> Graph {
    var builder = GraphBuilder(name: name)
    var known: [Expr.ID: ValueID] = [:]
    for e in inputs { known[e.id] = builder.addParameter(e.type, name: e.name) }
    for e in variables {
      known[e.id] = builder.addParameter(e.type, name: e.name, isVariable: true)
    }
    var replaced: [Expr.ID: Expr] = [:]
    for (old, new) in givens { replaced[old.id] = new }
    try builder.add(results + updates.map(\.becomes), known: &known, replaced: replaced)
    func value(_ e: Expr) -> ValueID { known[(replaced[e.id] ?? e).id]! }
    builder.setResults(results.map(value))
    for u in updates { builder.addUpdate(known[u.variable.id]!, becomes: value(u.becomes)) }
    return builder.graph
  }

  /// The inputs and variables that expressions depend on, in the order of their making.
  package static func parameters(of roots: [Expr], givens: [(Expr, Expr)] = []) -> [Expr] {
    var replaced: [Expr.ID: Expr] = [:]
    for (old, new) in givens { replaced[old.id] = new }
    var seen: Set<ObjectIdentifier> = []
    var found: [Expr] = []
    var pending = roots
    while let e = pending.popLast().map({ replaced[$0.id] ?? $0 }) {
      guard seen.insert(ObjectIdentifier(e.node)).inserted else { continue }
      if case .parameter(let p) = e.node.origin {
        if case .region = p.kind {} else { found.append(e) }
      }
      pending += e.node.operands
      // Captured values are operands of the owner, so regions hold nothing else.
    }
    return found.sorted { $0.node.sequence < $1.node.sequence }
  }
}

extension GraphBuilder {
  /// Adds what `roots` need that is not yet known.
  mutating func add(
    _ roots: [Expr], known: inout [Expr.ID: ValueID], replaced: [Expr.ID: Expr]
  ) throws {
    var stack: [(node: Node, next: Int)] = []
    func enter(_ e: Expr) {
      let e = replaced[e.id] ?? e
      if known[e.id] == nil { stack.append((e.node, 0)) }
    }
    for root in roots {
      enter(root)
      while let (node, next) = stack.last {
        if next < node.operands.count {
          stack[stack.count - 1].next += 1
          enter(node.operands[next])
          continue
        }
        stack.removeLast()
        guard known[Expr(node: node).id] == nil else { continue }
        switch node.origin {
        case .op(let op):
          let operands = node.operands.map { known[(replaced[$0.id] ?? $0).id]! }
          let regions = try node.regions.enumerated().map {
            try Graph.region($1, name: "\(op.mnemonic)_\($0)")
          }
          let values = append(
            op, operands, types: node.types, regions: regions, at: node.location)
          for (i, v) in values.enumerated() { known[Expr(node: node, index: i).id] = v }
          for r in node.requirements { require(r, at: node.location) }
        case .literal(let x):
          let c = append(
            Constant(x, .float32), [], types: [TensorType(.float32, [])], at: node.location)
          known[Expr(node: node).id] = c[0]
        case .parameter(let p):
          throw InternalError("\(p.name) is not a parameter of this graph")
        case .invalid:
          throw InternalError("a graph was built from an invalid expression")
        }
      }
    }
  }
}

extension Graph {
  /// The graph of a region's body.
  static func region(_ body: Body, name: String) throws -> Graph {
    var builder = GraphBuilder(name: name)
    var known: [Expr.ID: ValueID] = [:]
    for p in body.parameters where known[p.id] == nil {
      // Captures keep their names; what only this region has is called by no user.
      known[p.id] = builder.addParameter(p.type, name: p.isRegionParameter ? nil : p.name)
    }
    try builder.add(body.results, known: &known, replaced: [:])
    builder.setResults(body.results.map { known[$0.id]! })
    return builder.graph
  }
}
