public import GnomonIR
internal import GnomonTensors

/// `base` with the slices of `updates` added at the given indices along `axis`.
///
///     scatterAdd(counts, labels, Expr.ones(.float32, ["batch"]))     // a histogram
///
/// Slices with the same index are added one after the other, in their order. Every index is checked
/// when the function runs, before anything is written.
///
/// - Parameters:
///   - base: a numeric tensor of rank 1 or more.
///   - indices: an integer tensor of rank 1.
///   - updates: the dtype of `base`, and its shape but for `axis`, which has the size of `indices`.
///   - axis: a negative one counts from the end.
/// - Returns: the dtype and shape of `base`.
@_transparent public func scatterAdd(
  _ base: Expr, _ indices: Expr, _ updates: Expr, axis: Int = 0
) -> Expr { _scatterAdd(base, indices, updates, axis, .here()) }

@usableFromInline func _scatterAdd(
  _ base: Expr, _ indices: Expr, _ updates: Expr, _ axis: Int, _ at: Location
) -> Expr {
  let operands = [base, indices, updates]
  if operands.contains(where: \.isInvalid) {
    return .make(ScatterAdd(axis: axis), operands, at: at)
  }
  if let refusal = integersOnly(indices, "scatterAdd", at) { return refusal }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: base.rank)[0]
    // Mistakes are refused in terms of the user's own operands, not of the checked indices.
    let unchecked = Expr.make(ScatterAdd(axis: axis), operands, at: at)
    if unchecked.isInvalid { return unchecked }
    let checked = indices.checked(bound: base.shape[axis], at)
    return .make(ScatterAdd(axis: axis), [base, checked, updates], at: at)
  } catch {
    return .refused(error, "scatterAdd", operands, at: at)
  }
}

package struct ScatterAdd: ScatterOp {
  package static let mnemonic = "scatter_add"
  package static let summary = "A tensor with slices of another added at given indices."

  package var axis: Int
  package var combiner: Combiner? { .sum }
  package init(axis: Int) { self.axis = axis }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil, nil] }
    return [g, nil, .make(Gather(axis: axis), [g, c.operands[1]], at: .here())]
  }
}
