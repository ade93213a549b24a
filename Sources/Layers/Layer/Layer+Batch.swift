internal import Gnomon
internal import GnomonIR
internal import GnomonTensors

extension Layer {
  /// The mistake that a layer of the user's works for one batch size only, as the product of a kernel and
  /// an input does when they are the wrong way round.
  ///
  /// As an expression that is a requirement, checked at entry. In a layer the first axis is the examples,
  /// and a step that happened to have as many as the kernel has columns would train nonsense.
  final func fixedBatch(_ node: LayerNode, _ results: [Expr]) -> Expr? {
    guard runsUserCode, !(self is Model), let batch = node.inputs[0].shape.first?.name else {
      return nil
    }
    var seen: Set<ObjectIdentifier> = []
    var pending = results.map(\.node)
    while let n = pending.popLast() {
      guard n.sequence > node.start, seen.insert(ObjectIdentifier(n)).inserted else { continue }
      for requirement in n.requirements where requirement.relation == .equal {
        let sides = [requirement.left, requirement.right]
        guard sides.contains(where: { $0.name == batch }),
          let size = sides.compactMap(\.constant).first
        else { continue }
        return .invalid(batchMistake(n, batch, size))
      }
      pending += n.operands.map(\.node)
    }
    return nil
  }

  private func batchMistake(_ node: Node, _ batch: String, _ size: Int) -> Diagnostic {
    let function = node.location.scope?.path.last.flatMap { $0 == "layer \(name)" ? nil : $0 }
    let (a, b) = (node.operands.first, node.operands.last)
    var help = "the first axis of an input is the examples, of which there may be any number"
    if let a, let b, node.operands.count == 2, a.rank == 2, b.rank == 2, b.shape[1] == a.shape[0] {
      help = "the sizes fit the other way round: matmul(\(b.label), \(a.label))"
    }
    return Diagnostic(
      .innerDimensionsDiffer,
      "\(function ?? node.op?.mnemonic ?? "layer"): the batch size `\(batch)` would have to be \(size)",
      at: node.location,
      evidence: node.operands.map { e in
        Diagnostic.Evidence(
          label: e.label, type: e.type,
          markedAxes: e.shape.indices.filter {
            e.shape[$0].name == batch || e.shape[$0].constant == size
          }, origin: e.node.location)
      }, help: help)
  }
}
