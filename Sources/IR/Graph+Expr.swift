internal import GnomonTensors

extension Graph {
  /// The graph of expressions. `inputs` and `variables` become its parameters, in that order.
  ///
  /// Iterative: expression chains may be millions of nodes deep.
  ///
  /// - Parameters:
  ///   - givens: values replaced by others, all at once: a replacement is what it was in the graph
  ///     as written, so that `x` may become `x + 1`.
  ///   - settings: values replaced everywhere, also in what `givens` puts in.
  package static func build(
    name: String, inputs: [Expr], variables: [Expr] = [], results: [Expr],
    updates: [(variable: Expr, becomes: Expr)] = [], givens: [(Expr, Expr)] = [],
    settings: [(Expr, Expr)] = []
  ) throws -> Graph {
    var builder = GraphBuilder(name: name)
    var written: [Expr.ID: ValueID] = [:]
    for e in inputs { written[e.id] = builder.addParameter(e.type, name: e.name) }
    for e in variables {
      written[e.id] = builder.addParameter(e.type, name: e.name, isVariable: true)
    }
    for (old, new) in settings {
      _ = try builder.add([new], known: &written)
      written[old.id] = written[new.id]!
    }
    let roots = results + updates.map(\.becomes)
    let met = reached(roots, upTo: Set((givens + settings).map(\.0.id))).met
    let givens = givens.filter { met.contains($0.0.id) }
    var known = written
    let added = try builder.add(givens.map(\.1), known: &written)
    for (old, new) in givens { known[old.id] = written[new.id]! }
    // What no replacement touches is the same value inside the replacements and outside.
    var touched = Set(givens.map(\.0.id))
    for node in added {
      let values = node.types.indices.map { Expr(node: node, index: $0).id }
      if node.operands.contains(where: { touched.contains($0.id) }) {
        touched.formUnion(values)
      } else {
        for v in values where known[v] == nil { known[v] = written[v]! }
      }
    }
    _ = try builder.add(roots, known: &known)
    builder.setResults(results.map { known[$0.id]! })
    for u in updates {
      builder.addUpdate(written[u.variable.id]!, becomes: known[u.becomes.id]!)
    }
    return builder.graph
  }

  /// The inputs and variables that expressions depend on, in the order of their making, when
  /// `givens` and `settings` are replaced as `build` does.
  package static func parameters(
    of roots: [Expr], givens: [(Expr, Expr)] = [], settings: [(Expr, Expr)] = []
  ) -> [Expr] {
    let set = Set(settings.map(\.0.id))
    let (outer, met) = reached(roots, upTo: set.union(givens.map(\.0.id)))
    let inner = reached(givens.filter { met.contains($0.0.id) }.map(\.1), upTo: set).parameters
    let known = Set(outer.map(\.id))
    return (outer + inner.filter { !known.contains($0.id) })
      .sorted { $0.node.sequence < $1.node.sequence }
  }

  /// The inputs and variables below `roots`, and which of the replaced values are met on the way.
  private static func reached(
    _ roots: [Expr], upTo replaced: Set<Expr.ID>
  ) -> (parameters: [Expr], met: Set<Expr.ID>) {
    var parameters: [Expr] = []
    var met: Set<Expr.ID> = []
    var seen: Set<ObjectIdentifier> = []
    var pending = roots
    while let e = pending.popLast() {
      if replaced.contains(e.id) {
        met.insert(e.id)
      } else if seen.insert(ObjectIdentifier(e.node)).inserted {
        if case .parameter(let p) = e.node.origin {
          if case .region = p.kind {} else { parameters.append(e) }
        }
        // Captured values are operands of the owner, so regions hold nothing else.
        pending += e.node.operands
      }
    }
    return (parameters, met)
  }
}

extension GraphBuilder {
  /// Adds what `roots` need that is not yet known, and returns it, each node after its operands.
  mutating func add(_ roots: [Expr], known: inout [Expr.ID: ValueID]) throws -> [Node] {
    var added: [Node] = []
    var stack: [(node: Node, next: Int)] = []
    func enter(_ e: Expr) {
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
        added.append(node)
        switch node.origin {
        case .op(let op):
          let operands = node.operands.map { known[$0.id]! }
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
    return added
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
    _ = try builder.add(body.results, known: &known)
    builder.setResults(body.results.map { known[$0.id]! })
    return builder.graph
  }
}
