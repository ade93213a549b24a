package import GnomonIR

extension Node {
  /// The results of this operation on other operands, also where its regions use them.
  package func reapplied(to new: [Expr]) -> [Expr] {
    guard let op else { return types.indices.map { Expr(node: self, index: $0) } }
    var replacements: [Expr.ID: Expr] = [:]
    for (old, new) in zip(operands, new) where old.id != new.id { replacements[old.id] = new }
    let bodies = regions.map { body in
      Body(
        parameters: body.parameters.map { replacements[$0.id] ?? $0 },
        results: Expr.replacing(replacements, in: body.results))
    }
    return Expr.apply(op, new, regions: bodies, at: location)
  }
}

extension Expr {
  /// The same expressions with some values replaced by others. What does not depend on them stays the
  /// same nodes. Iterative, since chains may be long.
  package static func replacing(_ replacements: [Expr.ID: Expr], in roots: [Expr]) -> [Expr] {
    var values = replacements
    var done: Set<ObjectIdentifier> = []
    var stack: [(node: Node, next: Int)] = []
    for root in roots {
      if values[root.id] == nil { stack.append((root.node, 0)) }
      while let (node, next) = stack.last {
        if done.contains(ObjectIdentifier(node)) {
          stack.removeLast()
        } else if next < node.operands.count {
          stack[stack.count - 1].next += 1
          let operand = node.operands[next]
          if values[operand.id] == nil { stack.append((operand.node, 0)) }
        } else {
          stack.removeLast()
          done.insert(ObjectIdentifier(node))
          let new = node.operands.map { values[$0.id] ?? $0 }
          guard zip(new, node.operands).contains(where: { $0.id != $1.id }) else { continue }
          let results = node.reapplied(to: new)
          for i in node.types.indices {
            values[Expr(node: node, index: i).id] = results[Swift.min(i, results.count - 1)]
          }
        }
      }
    }
    return roots.map { values[$0.id] ?? $0 }
  }
}
