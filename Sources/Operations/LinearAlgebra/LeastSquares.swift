public import GnomonIR
internal import GnomonTensors

/// The Moore-Penrose inverse of a matrix, or of each of a batch, by its singular values.
///
/// - Parameters:
///   - a: float32 or float64, `[..., m, n]`.
///   - tolerance: singular values of at most this part of the largest count as 0; by default
///     `max(m, n)` times the distance from 1 to the next number, or 1e-15 where sizes are not known.
/// - Returns: `[..., n, m]`.
@_transparent public func pseudoInverse(_ a: Expr, tolerance: Double? = nil) -> Expr {
  _pseudoInverse(a, tolerance, .here())
}

@usableFromInline func _pseudoInverse(_ a: Expr, _ tolerance: Double?, _ at: Location) -> Expr {
  let (u, s, vt) = _svd(a, false, at.inScope("pseudoInverse"))
  if s.isInvalid { return s }
  return at.serving("pseudoInverse") {
    let kept = significant(s, a, tolerance)
    return matmul(vt.transposed() * kept.expanded(axis: -2), u.transposed())
  }
}

/// The number of singular values that are not negligible (int64).
///
/// - Parameters:
///   - a: float32 or float64, `[..., m, n]`.
///   - tolerance: as of `pseudoInverse`.
@_transparent public func matrixRank(_ a: Expr, tolerance: Double? = nil) -> Expr {
  _matrixRank(a, tolerance, .here())
}

@usableFromInline func _matrixRank(_ a: Expr, _ tolerance: Double?, _ at: Location) -> Expr {
  let s = _svd(a, false, at.inScope("matrixRank")).s
  if s.isInvalid { return s }
  return at.serving("matrixRank") {
    sum((significant(s, a, tolerance) .!= 0).cast(to: .int64), axes: -1)
  }
}

/// X that makes `|A X - B|²` least, and of those the shortest.
///
///     let x = leastSquares(a, b).solution     // [m, n] and [m] -> [n]
///
/// - Parameters:
///   - a: float32 or float64, `[..., m, n]`.
///   - b: the same dtype, `[..., m, k]`, or one vector `[m]`.
///   - tolerance: as of `pseudoInverse`.
/// - Returns: the solution, `[..., n, k]` or `[n]`; the sums of squares that are left, `[..., k]`, or
///   a scalar; the rank of `a` (int64); its singular values.
@_transparent public func leastSquares(_ a: Expr, _ b: Expr, tolerance: Double? = nil) -> (
  solution: Expr, residuals: Expr, rank: Expr, singularValues: Expr
) { _leastSquares(a, b, tolerance, .here()) }

@usableFromInline func _leastSquares(
  _ a: Expr, _ b: Expr, _ tolerance: Double?, _ at: Location
) -> (solution: Expr, residuals: Expr, rank: Expr, singularValues: Expr) {
  let (a, b) = settledPair(a, b)
  let (u, s, vt) = _svd(a, false, at.inScope("leastSquares"))
  func all(_ e: Expr) -> (Expr, Expr, Expr, Expr) { (e, e, e, e) }
  if s.isInvalid || b.isInvalid { return all(s.isInvalid ? s : b) }
  guard b.rank >= 1 else {
    return all(
      .refused(
        Refusal(.rankMismatch, "the right side is a scalar", marks: [Refusal.Mark(1)]),
        "leastSquares", [a, b], at: at))
  }
  return at.serving("leastSquares") {
    let right = b.rank == 1 ? b.expanded(axis: 1) : b
    let kept = significant(s, a, tolerance)
    let x = matmul(vt.transposed(), kept.expanded(axis: -1) * matmul(u.transposed(), right))
    if x.isInvalid { return all(x) }
    let left = sum(square(matmul(a, x) - right), axes: -2)
    let rank = sum((kept .!= 0).cast(to: .int64), axes: -1)
    return b.rank == 1
      ? (x.squeezed(axis: x.rank - 1), left.squeezed(axis: left.rank - 1), rank, s)
      : (x, left, rank, s)
  }
}

/// The reciprocals of the singular values that count, 0 for the others.
private func significant(_ s: Expr, _ a: Expr, _ tolerance: Double?) -> Expr {
  let unit = a.dtype == .float64 ? 0x1p-52 : 0x1p-23
  let sizes = a.shape.suffix(2).compactMap(\.constant)
  let least = tolerance ?? (sizes.count == 2 ? Double(sizes.max() ?? 1) * unit : 8 * unit)
  let floor = Expr(least) * max(s, axes: -1, keepDims: true)
  let counts = s .> stopGradient(floor)
  return select(counts, 1 / select(counts, s, 1), Expr.constant(0, s.dtype, at: .here()))
}

/// The unitary and the positive part of a matrix, or of each of a batch: `A = U P`, or `A = P U`.
///
/// - Parameters:
///   - a: float32 or float64, `[..., m, n]`.
///   - left: whether P comes first; it is then `[..., m, m]`, else `[..., n, n]`.
@_transparent public func polar(_ a: Expr, left: Bool = false) -> (unitary: Expr, positive: Expr) {
  _polar(a, left, .here())
}

@usableFromInline func _polar(_ a: Expr, _ left: Bool, _ at: Location) -> (
  unitary: Expr, positive: Expr
) {
  let (u, s, vt) = _svd(a, false, at.inScope("polar"))
  if s.isInvalid { return (s, s) }
  return at.serving("polar") {
    let side = left ? u : vt.transposed()
    return (matmul(u, vt), matmul(side * s.expanded(axis: -2), side.transposed()))
  }
}
