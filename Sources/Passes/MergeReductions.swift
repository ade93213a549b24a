internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Joins reductions, and removes those of nothing.
///
///     %1 = sum %0 {axes = [1]} : f32[4]
///     %2 = sum %1 {axes = [0]} : f32[]
/// ->
///     %1 = sum %0 {axes = [0, 1]} : f32[]
package let mergeReductions = RulePass(
  "merge-reductions", "Join reductions and remove those of nothing.",
  [
    Rule(
      "reduce(reduce(x)) = reduce(x)",
      family: { rewriter, site in
        guard let reduction = site.op as? any ReductionOp,
          !reduction.isRounded(rewriter.type(of: site.operands[0]).dtype)
        else { return nil }
        return try rewriter.merged(reduction, site)
      }),
    Rule(
      "sum(sum(x)) = sum(x), floats", is: .rounding,
      family: { rewriter, site in
        guard let reduction = site.op as? any ReductionOp,
          reduction.isRounded(rewriter.type(of: site.operands[0]).dtype)
        else { return nil }
        return try rewriter.merged(reduction, site)
      }),
    Rule(
      "reduce(x, no axes) = x",
      family: { rewriter, site in
        guard let reduction = site.op as? any ReductionOp, reduction.axes.isEmpty else {
          return nil
        }
        let x = site.operands[0]
        guard site.op is Sum, site.type.dtype.isFloat else { return x }
        // A sum starts at 0, and 0 + -0 is 0.
        return try rewriter.emit(Add(), x, try rewriter.number(0, site.type.dtype))
      }),
    Rule(
      "reduce(x, axis of size 1) = reduce(reshape(x))",
      family: { rewriter, site in
        guard let reduction = site.op as? any ReductionOp else { return nil }
        let shape = rewriter.type(of: site.operands[0]).shape
        guard reduction.axes.contains(where: { shape[$0] == 1 }) else { return nil }
        let dropped = reduction.axes.filter { shape[$0] == 1 }
        let staying = reduction.axes.filter { shape[$0] != 1 }
          .map { axis in axis - dropped.count { $0 < axis } }
        let x = try rewriter.reshape(
          site.operands[0], shape.indices.filter { !dropped.contains($0) }.map { shape[$0] })
        return try rewriter.emit(reduction.along(staying), x)
      }),
    // Only where the product would be larger than both factors: a product of equal shapes is better
    // computed inside the reduction, next to what else its row needs.
    Rule("sum(x * y) = contract(x, y)", at: Sum.self, is: .rounding) { rewriter, sum, site in
      try rewriter.contracted(sum, site)
    },
  ])

extension ReductionOp {
  /// Whether the result depends on the order of the elements.
  func isRounded(_ dtype: DType) -> Bool {
    dtype.isFloat && (Self.combiner == .sum || Self.combiner == .product)
  }

  /// The same reduction along other axes.
  func along(_ axes: [Int]) -> any ReductionOp { Self(axes: axes) }
}

extension Rewriter {
  fileprivate mutating func merged(_ outer: any ReductionOp, _ site: Rule.Site) throws -> ValueID? {
    guard let instruction = definition(of: site.operands[0]),
      let inner = instruction.op as? any ReductionOp,
      Swift.type(of: inner) == Swift.type(of: outer)
    else { return nil }
    let rank = type(of: instruction.operands[0]).rank
    let kept = (0..<rank).filter { !inner.axes.contains($0) }
    let axes = (inner.axes + outer.axes.map { kept[$0] }).sorted()
    return try emit(outer.along(axes), instruction.operands[0])
  }

  fileprivate mutating func contracted(_ sum: Sum, _ site: Rule.Site) throws -> ValueID? {
    guard let (_, factors) = find(Multiply.self, site.operands[0]), factors[0] != factors[1] else {
      return nil
    }
    let shape = type(of: site.operands[0]).shape
    guard shape.count <= 26 else { return nil }
    // Each axis of the product gets a letter; a factor has the letters of the axes it does not
    // repeat.
    let letters = shape.indices.map { Character(UnicodeScalar(UInt8(97 + $0))) }
    var labels: [[Character]] = []
    for f in factors {
      let own = type(of: f).shape
      let lead = shape.count - own.count
      let present = own.indices.filter { own[$0] != 1 }
      guard present.allSatisfy({ own[$0] == shape[lead + $0] }) else { return nil }
      labels.append(present.map { letters[lead + $0] })
    }
    let summed = sum.axes.map { letters[$0] }
    let left = Set(labels[0])
    let right = Set(labels[1])
    guard summed.allSatisfy({ left.contains($0) && right.contains($0) }), !summed.isEmpty,
      !left.subtracting(right).isEmpty, !right.subtracting(left).isEmpty
    else { return nil }
    let result = letters.indices.filter {
      !sum.axes.contains($0) && left.union(right).contains(letters[$0])
    }
    let operands = try factors.map { f in
      try reshape(f, type(of: f).shape.filter { $0 != 1 })
    }
    let spec =
      labels.map { String($0) }.joined(separator: ",") + "->"
      + String(result.map { letters[$0] })
    return try reshape(try emit(Contract(spec), operands), site.type.shape)
  }
}
