public import GnomonIR
package import GnomonTensors

/// A function of one example applied to a batch.
///
///     let norms = vectorize(points) { p in sqrt(sum(p * p)) }       // [n, 3] -> [n]
///
/// The body is built once, for one example; each op then becomes its own form for a batch, so the
/// result runs as if written for the whole. Ops without such a form (a convolution with a kernel of
/// its own for each example) run in a loop.
///
/// - Parameters:
///   - x: a tensor whose first axis is the batch.
///   - body: what to compute of one example; it may use any expression from outside.
/// - Returns: the results of all examples under a new first axis.
@_transparent public func vectorize(_ x: Expr, _ body: (Expr) -> Expr) -> Expr {
  _vectorize([x], .here()) { [body($0[0])] }[0]
}

/// A function of one example of two tensors applied to a batch.
@_transparent public func vectorize(
  _ x: Expr, _ y: Expr, _ body: (Expr, Expr) -> Expr
) -> Expr {
  _vectorize([x, y], .here()) { [body($0[0], $0[1])] }[0]
}

/// A function of one example of several tensors, with several results, applied to a batch.
@_transparent public func vectorize(_ xs: [Expr], _ body: ([Expr]) -> [Expr]) -> [Expr] {
  _vectorize(xs, .here(), body)
}

@usableFromInline func _vectorize(
  _ xs: [Expr], _ at: Location, _ body: ([Expr]) -> [Expr]
) -> [Expr] {
  let xs = xs.map { $0.settled() }
  let loop = LoopBuilder("vectorize", at)
  let examples = xs.enumerated().map { loop.row(of: $1, "example of tensor \($0)") }
  let results = body(examples).map { $0.settled() }
  func all(_ e: Expr) -> [Expr] { results.isEmpty ? [e] : results.map { _ in e } }
  if let invalid = loop.invalid(xs + results) { return all(invalid) }
  let sizes = xs.compactMap(\.shape.first)
  guard let size = sizes.first, sizes.count == xs.count, sizes.allSatisfy({ $0 == size }) else {
    return all(
      .refused(
        Refusal(
          .loopMalformed, "the tensors have no first axis of one size",
          help: "the first axis of each is the batch"), "vectorize", xs, at: at))
  }
  do {
    return try at.serving("vectorize") {
      var vectorizer = Vectorizer(size: size)
      for (e, x) in zip(examples, xs) { vectorizer.bind(e, to: x) }
      return try vectorizer.run(results)
    }
  } catch {
    preconditionFailure("\(error)")
  }
}

/// Turns expressions of one example into expressions of a batch.
///
/// What does not depend on the batch stays as it is.
package struct Vectorizer {
  private let size: Dim
  private var known: [Expr.ID: Expr] = [:]
  /// What stands for values that do not depend on the batch, but whose nodes have operands that do: a
  /// carry of a loop beside another one.
  private var replaced: [Expr.ID: Expr] = [:]
  private var emitter = ExprEmitter()
  /// The batch that is an identity matrix, if there is one.
  private var identity: Expr.ID?

  package init(size: Dim) { self.size = size }

  /// `e`, a vector, stands for each of the basis vectors in turn: the rows of `matrix`.
  package mutating func bind(_ e: Expr, toIdentity matrix: Expr) {
    bind(e, to: matrix)
    identity = matrix.id
  }

  /// `e` stands for an example of `batch`.
  package mutating func bind(_ e: Expr, to batch: Expr) { known[e.id] = batch }

  /// The values for the whole batch, under a new first axis; repeated where they do not depend on it.
  package mutating func run(_ results: [Expr]) throws -> [Expr] {
    try visit(results)
    return try results.map { try known[$0.id] ?? emitter.repeated(current($0), size) }
  }

  /// What a value that does not depend on the batch is now.
  private func current(_ e: Expr) -> Expr { replaced[e.id] ?? e }

  /// Makes the batched form of all values below `roots` that have one.
  private mutating func visit(_ roots: [Expr]) throws {
    var seen: Set<ObjectIdentifier> = []
    var ordered: [Node] = []
    var pending = roots
    while let e = pending.popLast() {
      guard known[e.id] == nil, seen.insert(ObjectIdentifier(e.node)).inserted else { continue }
      ordered.append(e.node)
      pending += e.node.operands
    }
    ordered.sort { $0.sequence < $1.sequence }
    for node in ordered {
      guard let op = node.op else { continue }
      guard node.operands.contains(where: { known[$0.id] != nil }) else {
        if node.operands.contains(where: { replaced[$0.id] != nil }) {
          let results = node.reapplied(to: node.operands.map(current))
          for (i, r) in results.enumerated() { replaced[Expr(node: node, index: i).id] = r }
        }
        continue
      }
      let results = try node.location.serving { try self.results(op, node) }
      for (i, r) in results.enumerated() {
        if let r { known[Expr(node: node, index: i).id] = r }
      }
    }
  }

  /// The batched results of a node; nil for those that do not depend on the batch.
  private mutating func results(_ op: any Op, _ node: Node) throws -> [Expr?] {
    if let scan = op as? Scan { return try self.scan(scan, node) }
    let x = BatchedOperands(
      node.operands.map { known[$0.id] ?? current($0) },
      isBatched: node.operands.map { known[$0.id] != nil }, size: size)
    if op is Branch { return try branch(node, x) }
    if op is Barrier, !x.isBatched[0] {
      replaced[Expr(node: node, index: 0).id] = x.values[0]
      return [nil]
    }
    if op is Recompute {
      return Expr.apply(op, x.values, regions: [try region(node.regions[0], x)], at: .here())
    }
    if let custom = op as? CustomGradient { return try self.custom(custom, node, x) }
    if let contract = op as? Contract, let value = try identityProduct(contract, node) {
      return [value]
    }
    return try batched(op, x, types: node.operands.map(\.type), &emitter)
      ?? oneByOne(op, node, x)
  }

  /// A product with the identity matrix: the other operand itself, the summed axis now the batch.
  private mutating func identityProduct(_ op: Contract, _ node: Node) throws -> Expr? {
    guard let identity, let (left, right, result) = op.labels else { return nil }
    for (own, others, k) in [(left, right, 0), (right, left, 1)]
    where known[node.operands[k].id]?.id == identity && known[node.operands[1 - k].id] == nil {
      let order = own + result
      guard own.count == 1, others.count == order.count, Set(others) == Set(order) else { continue }
      return try emitter.one(
        Transpose(permutation: order.map { others.firstIndex(of: $0)! }),
        current(node.operands[1 - k]))
    }
    return nil
  }

  /// An op without a rule, example by example.
  private func oneByOne(_ op: any Op, _ node: Node, _ x: BatchedOperands<Expr>) -> [Expr] {
    let at = Location.here()
    let parts = node.operands.indices.filter { x.isBatched[$0] }
    let rest = node.operands.indices.filter { !x.isBatched[$0] }
    var operands = x.values
    for k in parts { operands[k] = .regionParameter(node.operands[k].type, "example", at: at) }
    let one = Expr.apply(op, operands, regions: node.regions, at: at)
    return Expr.apply(
      Scan(carries: 0, sequences: parts.count, length: size),
      parts.map { x.values[$0] } + rest.map { operands[$0] },
      regions: [Body(parameters: (parts + rest).map { operands[$0] }, results: one)], at: at)
  }

  /// The parameters of a region that stand for batched operands are batched in it.
  private func inside(_ body: Body, _ batchedTypes: [Expr?]) -> (Vectorizer, [Expr]) {
    var inner = Vectorizer(size: size)
    var parameters = body.parameters
    for (k, value) in batchedTypes.enumerated() {
      guard let value else { continue }
      let p = Expr.regionParameter(value.type, "batch", at: .here())
      inner.bind(body.parameters[k], to: p)
      parameters[k] = p
    }
    return (inner, parameters)
  }

  /// The region for a batch, with batched results.
  private func region(_ body: Body, _ x: BatchedOperands<Expr>) throws -> Body {
    var (inner, parameters) = inside(
      body, x.values.indices.map { x.isBatched[$0] ? x.values[$0] : nil })
    return Body(parameters: parameters, results: try inner.run(body.results))
  }

  private func custom(
    _ op: CustomGradient, _ node: Node, _ x: BatchedOperands<Expr>
  ) throws -> [Expr] {
    let value = try region(node.regions[0], x)
    let rule = node.regions[1]
    let own = x.values.indices.map { x.isBatched[$0] ? x.values[$0] : nil }
    var (inner, parameters) = inside(rule, own + value.results + value.results)
    let differentiable = (0..<op.differentiable).filter { node.operands[$0].dtype.isFloat }
    let slopes = zip(differentiable, try inner.run(rule.results)).map { i, d in
      // What all examples share collects their derivatives.
      x.isBatched[i] ? d : Expr.make(Sum(axes: [0]), [d], at: .here())
    }
    return Expr.apply(
      op, x.values, regions: [value, Body(parameters: parameters, results: slopes)], at: .here())
  }

  private mutating func branch(_ node: Node, _ x: BatchedOperands<Expr>) throws -> [Expr] {
    let captures = x.values.indices.dropFirst().map { x.isBatched[$0] ? x.values[$0] : nil }
    if !x.isBatched[0] {
      let bodies = try node.regions.map { body in
        var (inner, parameters) = inside(body, Array(captures))
        return Body(parameters: parameters, results: try inner.run(body.results))
      }
      return Expr.apply(Branch(), x.values, regions: bodies, at: .here())
    }
    // Examples choose differently: both sides are computed.
    let sides = try node.regions.map { body in
      var inner = Vectorizer(size: size)
      for (p, value) in zip(body.parameters, captures) { if let value { inner.bind(p, to: value) } }
      return try inner.run(body.results)
    }
    return zip(sides[0], sides[1]).map { a, b in
      let condition = Expr.make(
        Reshape(shape: [size] + a.shape.dropFirst().map { _ in 1 }), [x.values[0]], at: .here())
      return select(condition, a, b)
    }
  }

  private mutating func scan(_ op: Scan, _ node: Node) throws -> [Expr?] {
    let lead = op.carries + op.sequences
    let body = node.regions[0]
    // Rows come from the first axis, so the batch is the second of a sequence.
    var operands: [Expr?] = try node.operands.enumerated().map { k, e in
      guard let value = known[e.id] else { return nil }
      return k >= op.carries && k < lead ? try emitter.moved(value, from: 1, to: 0) : value
    }
    while true {
      let rows = operands.enumerated().map { k, value -> Expr? in
        guard let value, k >= op.carries, k < lead else { return value }
        return .regionParameter(
          TensorType(value.dtype, Array(value.shape.dropFirst())), "row", at: .here())
      }
      var (inner, parameters) = inside(body, rows)
      try inner.visit(body.results)
      // A carry that depends on the batch after a step does so from the start.
      let grown = (0..<op.carries).filter {
        operands[$0] == nil && inner.known[body.results[$0].id] != nil
      }
      if !grown.isEmpty {
        for k in grown { operands[k] = try emitter.repeated(current(node.operands[k]), size) }
        continue
      }
      let results = try body.results.enumerated().map { k, r in
        if let value = inner.known[r.id] { return value }
        let own = inner.current(r)
        return k < op.carries && operands[k] != nil ? try emitter.repeated(own, size) : own
      }
      let made = Expr.apply(
        op, operands.enumerated().map { $1 ?? current(node.operands[$0]) },
        regions: [Body(parameters: parameters, results: results)], at: .here())
      return try made.enumerated().map { k, r in
        let isBatched =
          k < op.carries ? operands[k] != nil : inner.known[body.results[k].id] != nil
        guard isBatched else {
          replaced[Expr(node: node, index: k).id] = r
          return nil
        }
        return k < op.carries ? r : try emitter.moved(r, from: 1, to: 0)
      }
    }
  }
}
