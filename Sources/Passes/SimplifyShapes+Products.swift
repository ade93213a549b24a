internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Products of what only repeats along an axis are computed once and repeated.
///
///     %1 = broadcast %0 {shape = [64, 3]} : f32[64, 3]
///     %2 = contract %1, %w {spec = "mk,kn->mn"} : f32[64, 2]
/// ->
///     %1 = contract %0, %w {spec = "k,kn->n"} : f32[2]
///     %2 = broadcast %1 {shape = [64, 2]} : f32[64, 2]
let repeatedProducts: [Rule] = [
  Rule("contract(broadcast(x), y) = broadcast(contract(x, y))", at: Contract.self, is: .rounding) {
    rewriter, contract, site in
    guard let labels = contract.labels else { return nil }
    for (side, own, other) in [(0, labels.left, labels.right), (1, labels.right, labels.left)] {
      guard let (_, source) = rewriter.find(Broadcast.self, site.operands[side]) else { continue }
      let shape = rewriter.type(of: site.operands[side]).shape
      let small = rewriter.type(of: source[0]).shape
      let missing = shape.count - small.count
      // Axes that x does not vary along and that only the result has besides.
      let repeated = own.indices.filter { d in
        shape[d] != 1 && (d < missing || small[d - missing] == 1)
          && !other.contains(own[d]) && labels.result.contains(own[d])
      }
      if repeated.isEmpty { continue }
      func kept<T>(_ list: [T], from first: Int = 0) -> [T] {
        list.indices.filter { !repeated.contains($0 + first) }.map { list[$0] }
      }
      var operand = try rewriter.reshape(source[0], kept(small, from: missing))
      if kept(small, from: missing) != kept(shape) {
        operand = try rewriter.emit(Broadcast(shape: kept(shape)), operand)
      }
      let gone = repeated.map { own[$0] }
      let sides = side == 0 ? [kept(own), other] : [other, kept(own)]
      let result = labels.result.filter { !gone.contains($0) }
      let product = try rewriter.emit(
        Contract("\(String(sides[0])),\(String(sides[1]))->\(String(result))"),
        side == 0 ? [operand, site.operands[1]] : [site.operands[0], operand])
      let ones = zip(labels.result, site.type.shape).map { gone.contains($0) ? 1 : $1 }
      return try rewriter.fit(try rewriter.reshape(product, ones), site.type)
    }
    return nil
  }
]
