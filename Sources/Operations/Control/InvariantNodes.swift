internal import GnomonIR

/// The nodes of a loop's body that are the same in each step.
final class InvariantNodes {
  private let captures: Set<Expr.ID>
  private var known: [ObjectIdentifier: Bool] = [:]

  init(captures: [Expr]) { self.captures = Set(captures.map(\.id)) }

  func contains(_ e: Expr) -> Bool { captures.contains(e.id) || contains(e.node) }

  func contains(_ root: Node) -> Bool {
    var stack = [root]
    while let node = stack.last {
      let key = ObjectIdentifier(node)
      let open = node.operands.filter { !captures.contains($0.id) }
      if known[key] != nil {
        stack.removeLast()
      } else if node.op == nil
        || open.contains(where: { known[ObjectIdentifier($0.node)] == false })
      {
        // A parameter of the region that is no capture varies.
        known[key] = false
      } else if let next = open.first(where: { known[ObjectIdentifier($0.node)] == nil }) {
        stack.append(next.node)
      } else {
        known[key] = true
      }
    }
    return known[ObjectIdentifier(root)]!
  }
}
