public import GnomonIR
internal import GnomonTensors

/// The matrix product, with NumPy's rules for every rank.
///
///     matmul(x, w)     // [batch, 784] x [784, 10] -> [batch, 10]
///
/// Vectors on the left count as rows and on the right as columns, and lose that axis; axes before
/// the last two are batch axes and broadcast.
///
/// - Parameters:
///   - x: a numeric tensor of rank 1 or more.
///   - y: the same dtype, rank 1 or more; its last axis but one (the only one of a vector) has the
///     size of the last axis of `x`.
@_transparent public func matmul(_ x: Expr, _ y: Expr) -> Expr { _matmul(x, y, .here()) }

@usableFromInline func _matmul(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  let x = x.settled(y.dtype)
  let y = y.settled(x.dtype)
  if x.isInvalid || y.isInvalid { return .make(Contract("a,a->"), [x, y], at: at) }
  guard x.rank > 0, y.rank > 0 else {
    return .refused(
      Refusal(
        .rankMismatch, "a scalar has no matrix product",
        marks: [Refusal.Mark(x.rank == 0 ? 0 : 1)], help: "multiply by it: {0} * {1}"),
      "matmul", [x, y], at: at)
  }
  let inner = max(y.rank - 2, 0)
  var context = TypeContext(operands: [x.type, y.type])
  guard context.agree(x.shape[x.rank - 1], y.shape[inner]) else {
    return .invalid(
      Diagnostic(
        innerRefusal(x.type, y.type, inner), function: "matmul",
        rule:
          "matmul C2: the last dimension of the left operand equals the last but one of the right",
        [x, y], at: at))
  }
  if let refusal = batchRefusal(x.type, y.type) {
    return .refused(refusal, "matmul", [x, y], at: at)
  }
  // Batch labels a…, then m, k, n. An axis of size 1 against a larger one is dropped from its
  // operand, so that the contraction repeats it.
  var labels = Array("abcdefghijlopqrstuvwxyzABCDEFGHIJLOPQRSTUVWXYZ")
  let batchRank = max(x.rank - 2, y.rank - 2, 0)
  guard batchRank <= labels.count else {
    return .refused(Refusal(.rankMismatch, "too many batch axes"), "matmul", [x, y], at: at)
  }
  labels = Array(labels[..<batchRank])
  func operand(_ e: Expr, _ other: Expr, _ own: String) -> (Expr, String) {
    let batch = e.shape.dropLast(min(2, e.rank))
    var kept: [Dim] = []
    var spec = ""
    for (axis, size) in batch.enumerated() {
      let label = labels[batchRank - batch.count + axis]
      let place = other.rank - 2 - (batch.count - axis)
      let against = place >= 0 ? other.shape[place] : 1
      if size == 1 && against != 1 { continue }
      kept.append(size)
      spec.append(label)
    }
    let shape = kept + e.shape.suffix(min(2, e.rank))
    let squeezed =
      shape.count == e.rank ? e : Expr.make(Reshape(shape: Array(shape)), [e], at: at)
    return (squeezed, spec + own)
  }
  let (a, left) = operand(x, y, x.rank == 1 ? "k" : "mk")
  let (b, right) = operand(y, x, y.rank == 1 ? "k" : "kn")
  let result = String(labels) + (x.rank == 1 ? "" : "m") + (y.rank == 1 ? "" : "n")
  return .contraction("matmul", "\(left),\(right)->\(result)", a, b, at: at)
}

/// The refusal of batch axes that do not broadcast.
private func batchRefusal(_ x: TensorType, _ y: TensorType) -> Refusal? {
  var context = TypeContext(operands: [x, y])
  for distance in stride(from: 3, through: min(x.rank, y.rank), by: 1) {
    let (i, j) = (x.rank - distance, y.rank - distance)
    let (a, b) = (x.shape[i], y.shape[j])
    if a == 1 || b == 1 || context.agree(a, b) { continue }
    return Refusal(
      .broadcastMismatch, "the batch axes do not broadcast: \(a) against \(b)",
      marks: [Refusal.Mark(0, [i]), Refusal.Mark(1, [j])],
      help: "batch axes, those before the last two, are equal or 1")
  }
  return nil
}

private func innerRefusal(_ x: TensorType, _ y: TensorType, _ inner: Int) -> Refusal {
  let k = x.shape[x.rank - 1]
  var help: String?
  if y.rank == 2, y.shape[1] == k {
    help = "transpose the right operand: matmul({0}, {1}.transposed())"
  } else if x.rank == 2, x.shape[0] == y.shape[inner] {
    help = "transpose the left operand: matmul({0}.transposed(), {1})"
  } else {
    var fitting = y.shape
    fitting[inner] = k
    help = "`{1}` could be [\(fitting.map(\.description).joined(separator: ", "))]"
  }
  return Refusal(
    .innerDimensionsDiffer, "the inner dimensions differ: \(k) and \(y.shape[inner])",
    constraint: "C2", marks: [Refusal.Mark(0, [x.rank - 1]), Refusal.Mark(1, [inner])], help: help)
}
