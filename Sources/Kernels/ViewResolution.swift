internal import GnomonIR
package import GnomonTensors

/// Follows values through ops that only rename elements, composing their index maps.
struct ViewResolution {
  let graph: Graph
  let definitions: [Int?]
  /// What each instruction lowers to: asked for all the time, and not free.
  let lowerings: [Lowering]
  /// For values that are views the operand and its index map.
  private var views: [(operand: ValueID, map: [Dim])?]

  init(_ graph: Graph) {
    self.graph = graph
    definitions = graph.definitions()
    lowerings = graph.instructions.map { graph.lowering(of: $0) }
    views = [(operand: ValueID, map: [Dim])?](repeating: nil, count: graph.values.count)
    for (i, lowering) in zip(graph.instructions, lowerings) {
      for r in i.results { views[r.index] = view(r, i, lowering) }
    }
  }

  /// The value that holds the elements, and where: `value[indices]` is `base[result]`.
  func resolve(_ value: ValueID, _ indices: [Dim]) -> (base: ValueID, indices: [Dim]) {
    var value = value
    var indices = indices
    while let (operand, map) = views[value.index] {
      indices = map.map { index in
        index.substituting { atom in
          if case .axis(let d) = atom { return indices[d] }
          return nil
        }
      }
      value = operand
    }
    return (value, indices)
  }

  /// The value that holds the elements.
  func base(of value: ValueID) -> ValueID {
    var value = value
    while let (operand, _) = views[value.index] { value = operand }
    return value
  }

  /// Whether the value has no code of its own: it is another value's elements under a map.
  func isView(_ value: ValueID) -> Bool { views[value.index] != nil }

  /// Whether none of the values has code of its own.
  func isView(_ values: [ValueID]) -> Bool { values.allSatisfy { isView($0) } }

  /// The loops of an instruction that has any.
  func computations(_ instruction: Int) -> [Computation]? {
    if case .compute(let list) = lowerings[instruction] { return list }
    return nil
  }

  /// The operand of a view and its index map over the view's axes.
  private func view(
    _ value: ValueID, _ instruction: Graph.Instruction, _ lowering: Lowering
  ) -> (operand: ValueID, map: [Dim])? {
    switch lowering {
    case .view(let map): return (instruction.operands[0], map.indices)
    case .reshape:
      let operand = instruction.operands[0]
      guard
        let map = affineReshape(
          from: graph.type(of: operand).shape, to: graph.type(of: value).shape)
      else { return nil }
      return (operand, map)
    default: return nil
    }
  }
}

extension Graph {
  /// How loops compute an instruction.
  func lowering(of i: Instruction) -> Lowering {
    i.op.lowering(i.operands.map { type(of: $0) }, i.results.map { type(of: $0) })
  }
}

/// A reshape as index expressions over the new axes, where it is affine: axes of size 1 come or go,
/// and an axis splits into several. Merging two axes would need a division; nil.
package func affineReshape(from old: [Dim], to new: [Dim]) -> [Dim]? {
  var map: [Dim] = []
  var at = 0
  for size in old {
    if size == 1 {
      map.append(0)
      continue
    }
    // Take new axes until their product is the old size.
    var product = Dim(1)
    var index = Dim(0)
    while product != size {
      guard at < new.count else { return nil }
      if new[at] != 1 {
        index = index * new[at] + .axis(at)
        product = product * new[at]
        // Past the size: constants tell, names do not.
        if let p = product.constant, let s = size.constant, p > s { return nil }
      }
      at += 1
    }
    map.append(index)
  }
  guard new[at...].allSatisfy({ $0 == 1 }) else { return nil }
  return map
}
