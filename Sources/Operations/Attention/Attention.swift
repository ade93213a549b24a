public import GnomonIR
internal import GnomonTensors

/// Scaled dot-product attention: each query's mean of the values, weighted by the softmax of its
/// products with
/// the keys.
///
///     attention(q, k, v, isCausal: true)
///
/// See Vaswani and others, *Attention Is All You Need*, 2017.
///
/// - Parameters:
///   - query: `[batch, length, heads, features]`, floating-point.
///   - key: `[batch, key length, key heads, features]`; the number of key heads divides that of
///     heads, and
///     neighbouring heads share one.
///   - value: `[batch, key length, key heads, value features]`.
///   - mask: bool, broadcast to `[batch, heads, length, key length]`: true where a query may
///     look. A row without
///     any gives the mean of all values.
///   - bias: added to the scaled products; broadcasts as `mask`.
///   - isCausal: whether a query sees only keys up to its own position.
///   - scale: of the products; `1 / √features` by default.
/// - Returns: `[batch, length, heads, value features]`.
@_transparent public func attention(
  _ query: Expr, _ key: Expr, _ value: Expr, mask: Expr? = nil, bias: Expr? = nil,
  isCausal: Bool = false, scale: Double? = nil
) -> Expr { _attention(query, key, value, mask, bias, isCausal, scale, .here()) }

@usableFromInline func _attention(
  _ query: Expr, _ key: Expr, _ value: Expr, _ mask: Expr?, _ bias: Expr?, _ isCausal: Bool,
  _ scale: Double?, _ at: Location
) -> Expr {
  let operands = [query, key, value].map { $0.settled() }
  let all = operands + [mask, bias].compactMap { $0 }
  func refused(_ refusal: Refusal) -> Expr { .refused(refusal, "attention", all, at: at) }
  if all.contains(where: \.isInvalid) { return refused(Refusal(.dtypeNotSupported, "")) }
  let (q, k, v) = (operands[0], operands[1], operands[2])
  if let bad = floatsOnly(q, "attention", at) { return bad }
  guard q.rank == 4, k.rank == 4, v.rank == 4 else {
    return refused(
      Refusal(
        .rankMismatch, "query, key and value have the ranks \(q.rank), \(k.rank) and \(v.rank)",
        marks: [Refusal.Mark(0), Refusal.Mark(1), Refusal.Mark(2)],
        help: "each is [batch, length, heads, features]"))
  }
  guard let depth = q.shape[3].constant, q.shape[3] == k.shape[3] else {
    return refused(
      Refusal(
        .innerDimensionsDiffer,
        "the queries have \(q.shape[3]) features, the keys \(k.shape[3])",
        marks: [Refusal.Mark(0, [3]), Refusal.Mark(1, [3])],
        help: "both need the same number of features, which is known"))
  }
  guard let repeats = q.shape[2].exactQuotient(by: k.shape[2])?.constant, k.shape[2] == v.shape[2]
  else {
    return refused(
      Refusal(
        .shapeMismatch,
        "\(q.shape[2]) heads of queries cannot share \(k.shape[2]) heads of keys and \(v.shape[2]) of values",
        marks: [Refusal.Mark(0, [2]), Refusal.Mark(1, [2]), Refusal.Mark(2, [2])],
        help: "the number of key heads divides that of query heads"))
  }
  if let mask, mask.dtype != .bool {
    return refused(
      Refusal(
        .dtypeMismatch, "the mask is \(mask.dtype)", marks: [Refusal.Mark(3)],
        help: "a mask is bool, true where a query may look; numbers go into bias:"))
  }
  return at.serving("attention") {
    let compute = q.dtype.computeType
    func heads(_ x: Expr) -> Expr {
      let spread = repeats == 1 || x.shape[2] == q.shape[2] ? x : x.repeated(repeats, axis: 2)
      return spread.cast(to: compute).permuted(0, 2, 1, 3)
    }
    let factor = scale ?? 1 / Double(depth).squareRoot()
    var scores = matmul(heads(q) * Expr(factor), heads(k).transposed())
    if let bias { scores = scores + bias.settled(q.dtype).cast(to: compute) }
    // The lowest number rather than -inf: a row that may look nowhere looks everywhere alike, not
    // at NaN.
    let never = Expr(compute == .float32 ? -3.0e38 : -1.0e308)
    if let mask { scores = select(mask, scores, never) }
    if isCausal {
      let rows = Expr.iota(q.shape[1]).expanded(axis: 1)
      scores = select(Expr.iota(k.shape[1]) .<= rows, scores, never)
    }
    return matmul(softmax(scores), heads(v)).permuted(0, 2, 1, 3).cast(to: q.dtype)
  }
}
