package import GnomonIR
package import GnomonTensors

/// Operands of an op that is applied to a whole batch: some have the batch as their first axis, the
/// others are the same for all of it.
package struct BatchedOperands<Value> {
  package var values: [Value]
  package var isBatched: [Bool]
  package var size: Dim

  package init(_ values: [Value], isBatched: [Bool], size: Dim) {
    self.values = values
    self.isBatched = isBatched
    self.size = size
  }
}

/// An op of a batch: the results for all of it, with the batch as their first axis. Nil for ops
/// without a rule; those run in a loop over the batch.
///
/// - Parameter types: the types of the operands of one example.
package func batched<E: OpEmitter>(
  _ op: any Op, _ x: BatchedOperands<E.Value>, types: [TensorType], _ e: inout E
) throws -> [E.Value]? {
  let size = x.size
  let first = x.values.first
  let isUnary = x.values.count == 1
  switch op {
  case let op as Contract:
    return try contraction(op, x, &e).map { [$0] }
  case let op as any ReductionOp where isUnary:
    return [try e.one(op.shifted(), first!)]
  case let op as any PositionOp where isUnary:
    return [try e.one(op.shifted(), first!)]
  case let op as Reshape: return [try e.reshape(first!, [size] + op.shape)]
  case let op as Broadcast:
    let own = types[0].shape
    let ones = [Dim](repeating: 1, count: op.shape.count - own.count)
    return [try e.one(Broadcast(shape: [size] + op.shape), e.reshape(first!, [size] + ones + own))]
  case let op as Transpose:
    return [try e.one(Transpose(permutation: [0] + op.permutation.map { $0 + 1 }), first!)]
  case let op as Slice:
    return [
      try e.one(
        Slice(starts: [0] + op.starts, sizes: [size] + op.sizes, steps: [1] + op.steps), first!)
    ]
  case let op as Pad:
    return [
      try e.one(
        Pad(
          shape: [size] + op.shape, starts: [0] + op.starts, steps: [1] + op.steps,
          value: op.value), first!)
    ]
  case let op as Diagonal:
    return [try e.one(Diagonal(first: op.first + 1, second: op.second + 1), first!)]
  case let op as DiagonalEmbed:
    return [try e.one(DiagonalEmbed(first: op.first + 1, second: op.second + 1), first!)]
  case let op as Concatenate:
    return [try e.apply(Concatenate(axis: op.axis + 1), try allBatched(x, &e))[0]]
  case is any RoutineOp: return try e.apply(op, try allBatched(x, &e))
  case is CheckIndex: return [try e.one(op, first!)]
  case is Barrier where x.isBatched[0]: return try e.apply(op, x.values)
  case let op as Gather: return try gather(op, x, &e)
  case let op as GatherAlong:
    return [try e.apply(GatherAlong(axis: op.axis + 1), try allBatched(x, &e))[0]]
  case let op as ScatterAdd where !x.isBatched[1]:
    let base = x.isBatched[0] ? x.values[0] : try e.repeated(x.values[0], size)
    let updates = x.isBatched[2] ? x.values[2] : try e.repeated(x.values[2], size)
    return [try e.one(ScatterAdd(axis: op.axis + 1), base, x.values[1], updates)]
  case is Convolution where !x.isBatched[1]: return try mergedWithRows(op, x, &e)
  // What knows the shape of its result knows the number of rows.
  case var op as MaxPoolGradient:
    op.input[0] = size * op.input[0]
    return try mergedWithRows(op, x, &e)
  case var op as SumPoolGradient:
    op.input[0] = size * op.input[0]
    return try mergedWithRows(op, x, &e)
  case is any PoolOp: return try mergedWithRows(op, x, &e)
  default:
    return op.facts.isElementwise ? try elementwise(op, x, types, &e) : nil
  }
}

/// Operands of lower rank get axes of size 1 behind the batch, so that their last axes stay aligned.
private func elementwise<E: OpEmitter>(
  _ op: any Op, _ x: BatchedOperands<E.Value>, _ types: [TensorType], _ e: inout E
) throws -> [E.Value] {
  let rank = types.map(\.rank).max() ?? 0
  let operands = try x.values.indices.map { k -> E.Value in
    guard x.isBatched[k], types[k].rank < rank else { return x.values[k] }
    let ones = [Dim](repeating: 1, count: rank - types[k].rank)
    return try e.reshape(x.values[k], [x.size] + ones + types[k].shape)
  }
  return try e.apply(op, operands)
}

/// The batch is one more label of the operands that have it, and of the result.
private func contraction<E: OpEmitter>(
  _ op: Contract, _ x: BatchedOperands<E.Value>, _ e: inout E
) throws -> E.Value? {
  guard let (left, right, result) = op.labels,
    let label = einsumLetters.first(where: { !left.contains($0) && !right.contains($0) })
  else { return nil }
  let a = (x.isBatched[0] ? String(label) : "") + String(left)
  let b = (x.isBatched[1] ? String(label) : "") + String(right)
  return try e.one(Contract("\(a),\(b)->\(label)\(String(result))"), x.values[0], x.values[1])
}

private func gather<E: OpEmitter>(
  _ op: Gather, _ x: BatchedOperands<E.Value>, _ e: inout E
) throws -> [E.Value]? {
  switch (x.isBatched[0], x.isBatched[1]) {
  case (true, false): return [try e.one(Gather(axis: op.axis + 1), x.values[0], x.values[1])]
  case (false, true):
    let all = try e.one(op, x.values[0], x.values[1])
    return [try e.moved(all, from: op.axis, to: 0)]
  default: return nil
  }
}

private func allBatched<E: OpEmitter>(
  _ x: BatchedOperands<E.Value>, _ e: inout E
) throws -> [E.Value] {
  try x.values.indices.map { k in
    x.isBatched[k] ? x.values[k] : try e.repeated(x.values[k], x.size)
  }
}

/// Ops whose own first axis is a batch: both become one, and two again.
private func mergedWithRows<E: OpEmitter>(
  _ op: any Op, _ x: BatchedOperands<E.Value>, _ e: inout E
) throws -> [E.Value] {
  var operands = x.values
  var rows: Dim = 1
  for k in operands.indices where x.isBatched[k] || !(op is Convolution) {
    if !x.isBatched[k] { operands[k] = try e.repeated(operands[k], x.size) }
    let shape = e.type(of: operands[k]).shape
    rows = shape[1]
    operands[k] = try e.reshape(operands[k], [x.size * rows] + shape.dropFirst(2))
  }
  return try e.apply(op, operands).map {
    let shape = e.type(of: $0).shape
    return try e.reshape($0, [x.size, rows] + shape.dropFirst())
  }
}

extension ReductionOp {
  /// The same reduction of a tensor with one more axis in front.
  fileprivate func shifted() -> any Op { Self(axes: axes.map { $0 + 1 }) }
}

extension PositionOp {
  fileprivate func shifted() -> any Op { Self(axis: axis + 1) }
}
