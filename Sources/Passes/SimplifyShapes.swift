internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Cancels views and moves them towards the results, where they meet and cancel.
///
///     %1 = reshape %0 {shape = [4, 3]} : f32[4, 3]
///     %2 = exp %1 : f32[4, 3]
///     %3 = reshape %2 {shape = [12]} : f32[12]
/// ->
///     %1 = exp %0 : f32[12]
///
/// An elementwise op repeats its operands by itself, so a broadcast before it is dropped, or computed
/// after it on the larger result.
package let simplifyShapes = RulePass(
  "simplify-shapes", "Cancel views and move them towards the results.",
  views + transposes + sinking + repeatedProducts
)

private let views: [Rule] = [
  Rule("reshape(x) = x, same shape", at: Reshape.self) { rewriter, reshape, site in
    rewriter.type(of: site.operands[0]).shape == reshape.shape ? site.operands[0] : nil
  },
  Rule("reshape(reshape(x)) = reshape(x)", at: Reshape.self) { rewriter, reshape, site in
    guard let (_, inner) = rewriter.find(Reshape.self, site.operands[0]) else { return nil }
    return try rewriter.reshape(inner[0], reshape.shape)
  },
  Rule("reshape(broadcast(scalar)) = broadcast(scalar)", at: Reshape.self) {
    rewriter, reshape, site in
    guard let (_, inner) = rewriter.find(Broadcast.self, site.operands[0]),
      rewriter.type(of: inner[0]).rank == 0
    else { return nil }
    return try rewriter.emit(Broadcast(shape: reshape.shape), inner[0])
  },
  Rule("broadcast(x) = x, same shape", at: Broadcast.self) { rewriter, broadcast, site in
    rewriter.type(of: site.operands[0]).shape == broadcast.shape ? site.operands[0] : nil
  },
  Rule("broadcast(broadcast(x)) = broadcast(x)", at: Broadcast.self) { rewriter, broadcast, site in
    guard let (_, inner) = rewriter.find(Broadcast.self, site.operands[0]) else { return nil }
    return try rewriter.emit(broadcast, inner[0])
  },
  // Aligned at the last axes, leading ones say nothing.
  Rule("broadcast(reshape(x)) = broadcast(x), leading ones", at: Broadcast.self) {
    rewriter, broadcast, site in
    guard let source = rewriter.withoutLeadingOnes(site.operands[0]),
      rewriter.type(of: source).rank <= broadcast.shape.count
    else { return nil }
    return try rewriter.emit(broadcast, source)
  },
]

private let transposes: [Rule] = [
  Rule("transpose(x) = x, same order", at: Transpose.self) { rewriter, transpose, site in
    transpose.permutation == Array(0..<transpose.permutation.count) ? site.operands[0] : nil
  },
  Rule("transpose(transpose(x)) = transpose(x)", at: Transpose.self) { rewriter, transpose, site in
    guard let (inner, x) = rewriter.find(Transpose.self, site.operands[0]) else { return nil }
    return try rewriter.emit(
      Transpose(permutation: transpose.permutation.map { inner.permutation[$0] }), x)
  },
  Rule("transpose(x) = reshape(x), only ones move", at: Transpose.self) {
    rewriter, transpose, site in
    let shape = rewriter.type(of: site.operands[0]).shape
    let moved = transpose.permutation.filter { shape[$0] != 1 }
    guard moved == moved.sorted() else { return nil }
    return try rewriter.reshape(site.operands[0], site.type.shape)
  },
  Rule("transpose(broadcast(scalar)) = broadcast(scalar)", at: Transpose.self) {
    rewriter, _, site in
    guard let (_, inner) = rewriter.find(Broadcast.self, site.operands[0]),
      rewriter.type(of: inner[0]).rank == 0
    else { return nil }
    return try rewriter.emit(Broadcast(shape: site.type.shape), inner[0])
  },
]

private let sinking: [Rule] = [
  Rule(
    "f(transpose(x), transpose(y)) = transpose(f(x, y))",
    family: { rewriter, site in
      guard site.op.facts.isElementwise else { return nil }
      var transpose: Transpose?
      var operands = site.operands
      for (i, operand) in site.operands.enumerated() where rewriter.type(of: operand).rank > 0 {
        guard let (own, inner) = rewriter.find(Transpose.self, operand),
          transpose == nil || transpose == own, own.permutation.count == site.type.rank
        else { return nil }
        transpose = own
        operands[i] = inner[0]
      }
      guard let transpose else { return nil }
      return try rewriter.emit(transpose, rewriter.emit(site.op, operands))
    }),
  Rule(
    "f(broadcast(x), y) = broadcast(f(x, y))",
    family: { rewriter, site in
      guard site.op.facts.isElementwise else { return nil }
      var isFound = false
      let operands = site.operands.map { operand -> ValueID in
        guard let (_, inner) = rewriter.find(Broadcast.self, operand) else { return operand }
        isFound = true
        return inner[0]
      }
      guard isFound else { return nil }
      return try rewriter.fit(try rewriter.emit(site.op, operands), site.type)
    }),
  Rule(
    "f(reshape(x), y) = f(x, y), leading ones",
    family: { rewriter, site in
      guard site.op.facts.isElementwise, site.operands.count > 1 else { return nil }
      var operands = site.operands
      for i in operands.indices {
        guard let source = rewriter.withoutLeadingOnes(operands[i]) else { continue }
        operands[i] = source
        let shapes = operands.map { rewriter.type(of: $0).shape }
        var context = TypeContext(operands: operands.map { rewriter.type(of: $0) })
        guard shapes.contains(where: { $0.count == site.type.rank }),
          let type = try? site.op.resultTypes(&context)[0], type == site.type
        else {
          operands[i] = site.operands[i]
          continue
        }
      }
      return operands == site.operands ? nil : try rewriter.emit(site.op, operands)
    }),
  Rule(
    "f(reshape(x), reshape(y)) = reshape(f(x, y))",
    family: { rewriter, site in
      guard site.op.facts.isElementwise else { return nil }
      var source: [Dim]?
      var operands = site.operands
      for (i, operand) in site.operands.enumerated() where rewriter.type(of: operand).rank > 0 {
        guard let (_, inner) = rewriter.find(Reshape.self, operand),
          rewriter.type(of: operand).shape == site.type.shape
        else { return nil }
        let shape = rewriter.type(of: inner[0]).shape
        guard source == nil || source == shape else { return nil }
        source = shape
        operands[i] = inner[0]
      }
      guard source != nil else { return nil }
      return try rewriter.reshape(try rewriter.emit(site.op, operands), site.type.shape)
    }),
]

extension Rewriter {
  /// The value that `value` shows under a shape with more or fewer ones at its front, if it does.
  func withoutLeadingOnes(_ value: ValueID) -> ValueID? {
    guard let (_, inner) = find(Reshape.self, value) else { return nil }
    let old = type(of: inner[0]).shape.drop { $0 == 1 }
    let new = type(of: value).shape.drop { $0 == 1 }
    return old == new ? inner[0] : nil
  }
}
