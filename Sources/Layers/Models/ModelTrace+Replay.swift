internal import Gnomon
internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

extension ModelTrace {
  /// The same formula on other inputs: layers are called again, so that they share their weights, and
  /// operations between them are applied again.
  func replayed(on new: [Expr], model: Model) -> [Expr] {
    guard new.count == inputs.count else {
      return [
        model.refused(
          .layerInput, "the model takes \(inputs.count) inputs, not \(new.count)", new,
          at: .here())
      ]
    }
    for (i, (x, old)) in zip(new, inputs).enumerated()
    where x.dtype != old.dtype || !fits(x.shape, old.shape) {
      return [
        model.refused(
          .layerInput, "input \(i + 1) of the model is \(old.type), not \(x.type)", new,
          marks: [Refusal.Mark(i)], at: .here())
      ]
    }
    if let bad = mistakes.first { return [.invalid(bad)] }
    var values: [Expr.ID: Expr] = [:]
    for (old, x) in zip(inputs, new) { values[old.id] = x }
    var walk = LayerWalk(stoppingAt: inputs)
    walk.visit(outputs)
    for step in walk.steps {
      let sources = step.sources.map { values[$0.id] ?? $0 }
      switch step {
      case .call(let node):
        let results = node.layer._apply(sources, node.location)
        for (k, old) in node.outputs.enumerated() {
          values[old.id] = results[min(k, results.count - 1)]
        }
      case .operation(let node):
        guard zip(sources, node.operands).contains(where: { $0.id != $1.id }) else { continue }
        let results = node.reapplied(to: sources)
        for k in node.types.indices {
          values[Expr(node: node, index: k).id] = results[min(k, results.count - 1)]
        }
      }
    }
    return outputs.map { values[$0.id] ?? $0 }
  }

  /// Whether a shape may stand where another was: the same sizes where both are numbers.
  private func fits(_ a: [Dim], _ b: [Dim]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { $0.constant == nil || $1.constant == nil || $0 == $1 }
  }
}
