internal import GnomonIR
internal import GnomonTensors

/// The diagnostic for a value that the loss does not depend on: where the path from it ends.
///
/// Walks forward from `x` through those of its users that the loss needs, as long as derivatives
/// pass, and names the last op that lets none through.
func disconnection(_ loss: Expr, _ x: Expr, _ at: Location) -> Expr {
  var seen: Set<ObjectIdentifier> = []
  var needed: [Node] = []
  var pending = [loss.node]
  while let node = pending.popLast() {
    guard node.sequence >= x.node.sequence, seen.insert(ObjectIdentifier(node)).inserted else {
      continue
    }
    needed.append(node)
    pending += node.operands.map(\.node)
  }
  needed.sort { $0.sequence < $1.sequence }
  var reached: Set<Expr.ID> = [x.id]
  var last: Node?
  for node in needed {
    let from = node.operands.indices.filter { reached.contains(node.operands[$0].id) }
    guard !from.isEmpty else { continue }
    if from.contains(where: { passes(node, $0) }) {
      for (i, type) in node.types.enumerated() where type.dtype.isFloat {
        reached.insert(Expr(node: node, index: i).id)
      }
    } else {
      last = node
    }
  }
  let own = Diagnostic.Evidence(label: x.label, type: x.type, origin: x.node.location)
  guard let last, let op = last.op else {
    return .invalid(
      Diagnostic(
        .disconnected,
        "gradient: the loss does not depend on `\(x.label)`: nothing that the loss uses depends on it",
        at: at, evidence: [own],
        help:
          "differentiate with respect to a value the loss uses, or ask for `disconnected: .zeros`"
      ))
  }
  return .invalid(
    Diagnostic(
      .disconnected,
      "gradient: the path from `\(x.label)` stops at \(op.mnemonic), which has no derivative",
      at: at,
      evidence: [
        own,
        Diagnostic.Evidence(
          label: "\(op.mnemonic), where the path stops", type: last.types[0],
          origin: last.location),
      ],
      help: "if zero is meant, ask for it: gradient(of:withRespectTo:disconnected: .zeros)"))
}

/// Whether derivatives pass from the node's results to an operand: its rule is asked.
private func passes(_ node: Node, _ operand: Int) -> Bool {
  guard let op = node.op, node.types.contains(where: \.dtype.isFloat) else { return false }
  let results = node.types.indices.map { Expr(node: node, index: $0) }
  let context = GradientContext(
    upstream: results.map { $0.dtype.isFloat ? zeros(like: $0) : nil }, operands: node.operands,
    results: results, regions: node.regions,
    wanted: node.operands.indices.map { $0 == operand })
  guard let d = try? node.location.serving("gradient", { try op.gradient(context) }) else {
    return false
  }
  return d[operand] != nil
}
