internal import GnomonIR
package import GnomonTensors

/// Follows values through ops that only rename elements, composing their index maps.
struct ViewResolution {
  let graph: Graph
  let definitions: [Int?]
  /// For values that are views the operand and its index map. Asked for all the time, and a lowering
  /// is not free.
  private var views: [ValueID: (ValueID, [Dim])] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    definitions = graph.definitions()
    for i in graph.instructions {
      for r in i.results { if let view = makeView(r) { views[r] = view } }
    }
  }

  /// The value that holds the elements, and where: `value[indices]` is `base[result]`.
  func resolve(_ value: ValueID, _ indices: [Dim]) -> (base: ValueID, indices: [Dim]) {
    var value = value
    var indices = indices
    while let (operand, map) = view(value) {
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

  /// Whether the value has no code of its own: it is another value's elements under a map.
  func isView(_ value: ValueID) -> Bool { view(value) != nil }

  private func view(_ value: ValueID) -> (ValueID, [Dim])? { views[value] }

  /// The operand of a view and its index map over the view's axes.
  private func makeView(_ value: ValueID) -> (ValueID, [Dim])? {
    guard let d = definitions[value.index] else { return nil }
    let instruction = graph.instructions[d]
    let operandTypes = instruction.operands.map { graph.type(of: $0) }
    switch instruction.op.lowering(operandTypes, [graph.type(of: value)]) {
    case .view(let map): return (instruction.operands[0], map.indices)
    case .reshape:
      guard let map = affineReshape(from: operandTypes[0].shape, to: graph.type(of: value).shape)
      else { return nil }
      return (instruction.operands[0], map)
    default: return nil
    }
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
