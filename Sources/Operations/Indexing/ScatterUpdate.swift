package import GnomonIR
internal import GnomonTensors

/// As `scatter_add`, with another way to join: the slices replace what is there, multiply it, or
/// the smaller or larger stays.
package struct ScatterUpdate: ScatterOp {
  package static let mnemonic = "scatter_update"
  package static let summary =
    "A tensor with slices of another set at given indices, or multiplied in, or the smaller or larger of both."

  package var axis: Int
  package var combiner: Combiner?
  package init(axis: Int, combiner: Combiner?) {
    self.axis = axis
    self.combiner = combiner
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil, nil] }
    let (base, indices, updates) = (c.operands[0], c.operands[1], c.operands[2])
    let result = c.results[0]
    func taken(_ x: Expr) -> Expr { .make(Gather(axis: axis), [x, indices], at: .here()) }
    func scattered(_ x: Expr, _ updates: Expr, _ op: any Op) -> Expr {
      .make(op, [x, indices, updates], at: .here())
    }
    switch combiner {
    case .product:
      // The product of the others, by way of the zeros among base and updates.
      let (baseZero, updateZero) = (base .== 0, updates .== 0)
      let (safeBase, safe) = (select(baseZero, 1, base), select(updateZero, 1, updates))
      let others = scattered(safeBase, safe, self)
      let zeros = scattered(
        baseZero.cast(to: base.dtype), updateZero.cast(to: base.dtype), ScatterAdd(axis: axis))
      let whole = g * select(zeros .== 0, others, 0)
      let single = g * select(zeros .== 1, others, 0)
      return [
        select(baseZero, single, whole / safeBase), nil,
        select(updateZero, taken(single), taken(whole) / safe),
      ]
    case .minimum, .maximum:
      // Those that are the result share its derivative.
      let baseWins = (base .== result).cast(to: base.dtype)
      let updateWins = (updates .== taken(result)).cast(to: base.dtype)
      let count = scattered(baseWins, updateWins, ScatterAdd(axis: axis))
      let share = select(count .== 0, 0, g / select(count .== 0, 1, count))
      return [share * baseWins, nil, taken(share) * updateWins]
    default:
      // The last of several slices with one index is the one that stays.
      let order = Expr.iota(indices.shape[0])
      let places = Expr.constant(-1, .int64, at: .here()).broadcast(to: [base.shape[axis]])
      let last = Expr.make(
        ScatterUpdate(axis: 0, combiner: nil), [places, indices, order], at: .here())
      let stays = Expr.make(Gather(axis: 0), [last, indices], at: .here()) .== order
      var along = [Dim](repeating: 1, count: base.rank)
      along[axis] = indices.shape[0]
      return [
        scattered(g, Expr.zeros(base.dtype, updates.shape), self), nil,
        select(stays.reshaped(along), taken(g), 0),
      ]
    }
  }
}
