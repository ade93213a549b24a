package import GnomonIR
internal import GnomonTensors

/// Reverse-mode differentiation on expressions: the derivative of each of `inputs`, given those of
/// `outputs`; nil where an input is not reached. Derivatives flow no further back than `stopAt`.
///
/// The sweep visits nodes in the reverse order of their making, which is a reverse topological order,
/// so it needs neither recursion nor a separate sort. Each rule runs at the location of the node it
/// serves, within the scope `gradient`.
package func reverseSweep(
  outputs: [Expr], upstream: [Expr?], inputs: [Expr], stopAt: [Expr] = []
) throws -> [Expr?] {
  let stops = Set((stopAt + inputs).map(\.id))
  // The nodes between inputs and outputs, and which of them lead to an input.
  var nodes: [ObjectIdentifier: Node] = [:]
  var pending = outputs.map(\.node)
  while let node = pending.popLast() {
    guard nodes.updateValue(node, forKey: ObjectIdentifier(node)) == nil else { continue }
    for o in node.operands where !stops.contains(o.id) { pending.append(o.node) }
  }
  let ordered = nodes.values.sorted { $0.sequence < $1.sequence }
  let wanted = Set(inputs.map(\.id))
  var leads: Set<ObjectIdentifier> = []
  for node in ordered {
    let reaches = node.operands.contains {
      wanted.contains($0.id) || (leads.contains(ObjectIdentifier($0.node)) && !stops.contains($0.id))
    }
    if reaches { leads.insert(ObjectIdentifier(node)) }
  }
  var derivatives: [Expr.ID: Expr] = [:]
  func accumulate(_ d: Expr, into e: Expr) {
    derivatives[e.id] = derivatives[e.id].map { Expr._add($0, d, .here()) } ?? d
  }
  for (e, g) in zip(outputs, upstream) { if let g { accumulate(g, into: e) } }
  for node in ordered.reversed() where leads.contains(ObjectIdentifier(node)) {
    let results = node.types.indices.map { Expr(node: node, index: $0) }
    let g = results.map { derivatives[$0.id] }
    guard g.contains(where: { $0 != nil }), let op = node.op else { continue }
    if results.contains(where: { stops.contains($0.id) && !outputs.map(\.id).contains($0.id) }) {
      continue
    }
    try node.location.serving("gradient") {
      let context = GradientContext(
        upstream: g, operands: node.operands, results: results, regions: node.regions,
        wanted: node.operands.map {
          wanted.contains($0.id) || leads.contains(ObjectIdentifier($0.node))
        })
      let d = try op.gradient(context)
      for (operand, d) in zip(node.operands, d) {
        guard let d, operand.dtype.isFloat else { continue }
        if d.isInvalid {
          let found = Expr.diagnostics(of: [d])
          if found.isEmpty { throw InternalError("the derivative of \(op.mnemonic) is invalid") }
          throw GnomonError(found)
        }
        guard d.shape == operand.shape, d.dtype == operand.dtype else {
          throw InternalError(
            "the derivative of \(op.mnemonic) is \(d.type), its operand \(operand.type)")
        }
        accumulate(d, into: operand)
      }
    }
  }
  return inputs.map { derivatives[$0.id] }
}
