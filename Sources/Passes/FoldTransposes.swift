internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Lets operations that name their axes take their operands untransposed.
///
///     %2 = transpose %0 {permutation = [1, 0]} : f32[3, 2]
///     %3 = contract %2, %1 {spec = "ab,bc->ac"} : f32[3, 4]
/// ->
///     %2 = contract %0, %1 {spec = "ba,bc->ac"} : f32[3, 4]
package let foldTransposes = RulePass(
  "fold-transposes", "Let operations that name their axes take their operands untransposed.",
  [
    // Several summed labels are summed in the order of the operands' axes, which this changes.
    Rule("contract(transpose(x), y) = contract(x, y)", at: Contract.self, is: .rounding) {
      rewriter, contract, site in
      guard let labels = contract.labels else { return nil }
      var sides = [labels.left, labels.right]
      var operands = site.operands
      for i in 0..<2 {
        guard let (transpose, inner) = rewriter.find(Transpose.self, operands[i]) else { continue }
        operands[i] = inner[0]
        var own = sides[i]
        for (axis, from) in transpose.permutation.enumerated() { own[from] = sides[i][axis] }
        sides[i] = own
      }
      guard operands != site.operands else { return nil }
      let spec = "\(String(sides[0])),\(String(sides[1]))->\(String(labels.result))"
      return try rewriter.emit(Contract(spec), operands)
    },
    Rule("transpose(contract(x, y)) = contract(x, y)", at: Transpose.self) {
      rewriter, transpose, site in
      guard let (contract, inner) = rewriter.find(Contract.self, site.operands[0]),
        let labels = contract.labels
      else { return nil }
      let result = transpose.permutation.map { labels.result[$0] }
      let spec = "\(String(labels.left)),\(String(labels.right))->\(String(result))"
      return try rewriter.emit(Contract(spec), inner)
    },
    Rule(
      "reduce(transpose(x)) = transpose(reduce(x))",
      family: { rewriter, site in
        guard let reduction = site.op as? any ReductionOp, !reduction.isRounded(site.type.dtype)
        else {
          return nil
        }
        return try rewriter.reducedUntransposed(reduction, site)
      }),
    Rule(
      "sum(transpose(x)) = transpose(sum(x)), floats", is: .rounding,
      family: { rewriter, site in
        guard let reduction = site.op as? any ReductionOp, reduction.isRounded(site.type.dtype)
        else {
          return nil
        }
        return try rewriter.reducedUntransposed(reduction, site)
      }),
  ])

extension Rewriter {
  fileprivate mutating func reducedUntransposed(
    _ reduction: any ReductionOp, _ site: Rule.Site
  ) throws -> ValueID? {
    guard let (transpose, inner) = find(Transpose.self, site.operands[0]) else { return nil }
    let order = transpose.permutation
    let axes = reduction.axes.map { order[$0] }
    let result = try emit(reduction.along(axes.sorted()), inner[0])
    // The axes that stay, in the order they have and in the one they shall have.
    let kept = order.filter { !axes.contains($0) }
    let sorted = kept.sorted()
    let back = kept.compactMap { sorted.firstIndex(of: $0) }
    return back == Array(0..<back.count) ? result : try emit(Transpose(permutation: back), result)
  }
}
