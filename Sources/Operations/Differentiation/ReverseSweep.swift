package import GnomonIR
internal import GnomonTensors

/// Reverse-mode differentiation on expressions: the derivative of each of `inputs`, given those of
/// `outputs`; nil where an input is not reached.
///
/// Inputs may be any values: an intermediate one gets the derivative that arrives at it, which also
/// flows on, so an input behind another input gets its total derivative. Derivatives arrive at, and
/// do not flow through, the values in `stopAt`.
///
/// The sweep visits nodes in the reverse order of their making, which is a reverse topological order,
/// so it needs neither recursion nor a separate sort. Each rule runs at the location of the node it
/// serves, within the scope `gradient`.
package func reverseSweep(
  outputs: [Expr], upstream: [Expr?], inputs: [Expr], stopAt: [Expr] = []
) throws -> [Expr?] {
  let stops = Set(stopAt.map(\.id))
  let wanted = Set(inputs.map(\.id))
  // What was made before the oldest input depends on none.
  let oldest = inputs.map(\.node.sequence).min() ?? Int.max
  func follows(_ e: Expr) -> Bool { e.node.sequence > oldest && !stops.contains(e.id) }

  // The nodes between inputs and outputs, and which of them lead to an input.
  var seen: Set<ObjectIdentifier> = []
  var ordered: [Node] = []
  var pending = outputs.filter(follows).map(\.node)
  while let node = pending.popLast() {
    guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
    ordered.append(node)
    for o in node.operands where follows(o) { pending.append(o.node) }
  }
  ordered.sort { $0.sequence < $1.sequence }
  var leads: Set<ObjectIdentifier> = []
  func isWanted(_ e: Expr) -> Bool {
    wanted.contains(e.id) || (leads.contains(ObjectIdentifier(e.node)) && !stops.contains(e.id))
  }
  for node in ordered where node.operands.contains(where: isWanted) {
    leads.insert(ObjectIdentifier(node))
  }

  var derivatives: [Expr.ID: Expr] = [:]
  func accumulate(_ d: Expr, into e: Expr) {
    derivatives[e.id] = derivatives[e.id].map { Expr._add($0, d, .here()) } ?? d
  }
  for (e, g) in zip(outputs, upstream) { if let g { accumulate(g, into: e) } }
  for node in ordered.reversed() where leads.contains(ObjectIdentifier(node)) {
    let results = node.types.indices.map { Expr(node: node, index: $0) }
    let g = results.map { stops.contains($0.id) ? nil : derivatives[$0.id] }
    guard g.contains(where: { $0 != nil }), let op = node.op else { continue }
    try node.location.serving("gradient") {
      let flags = node.operands.map { $0.dtype.isFloat && isWanted($0) }
      let d = try operandDerivatives(op, node, upstream: g, results: results, wanted: flags)
      for (i, d) in d.enumerated() where flags[i] {
        if let d { accumulate(d, into: node.operands[i]) }
      }
    }
  }
  return inputs.map { derivatives[$0.id] }
}

/// Runs one derivative rule and checks what it gives.
private func operandDerivatives(
  _ op: any Op, _ node: Node, upstream: [Expr?], results: [Expr], wanted: [Bool]
) throws -> [Expr?] {
  let context = GradientContext(
    upstream: upstream, operands: node.operands, results: results, regions: node.regions,
    wanted: wanted)
  let all: [Expr?]
  do { all = try op.gradient(context) } catch let refusal as Refusal {
    throw GnomonError([
      Diagnostic(refusal, function: op.mnemonic, rule: nil, node.operands, at: node.location)
    ])
  }
  for (i, d) in all.enumerated() where wanted[i] {
    guard let d else { continue }
    if d.isInvalid {
      let found = Expr.diagnostics(of: [d])
      if found.isEmpty { throw InternalError("the derivative of \(op.mnemonic) is invalid") }
      throw GnomonError(found)
    }
    let operand = node.operands[i]
    guard d.type == operand.type else {
      throw InternalError(
        "the derivative of \(op.mnemonic) is \(d.type), its operand \(operand.type)")
    }
  }
  return all
}
