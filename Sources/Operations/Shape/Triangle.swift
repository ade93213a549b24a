public import GnomonIR
internal import GnomonTensors

/// The lower triangle of a matrix, or of each of a batch: elements above the diagonal become 0.
///
/// - Parameters:
///   - x: any tensor of rank 2 or more.
///   - diagonal: which diagonal is the last one kept; positive ones lie above the main one.
@_transparent public func tril(_ x: Expr, diagonal: Int = 0) -> Expr {
  _triangle("tril", x, diagonal, .here())
}

/// The upper triangle of a matrix, or of each of a batch: elements below the diagonal become 0.
///
/// - Parameters:
///   - x: any tensor of rank 2 or more.
///   - diagonal: which diagonal is the first one kept; positive ones lie above the main one.
@_transparent public func triu(_ x: Expr, diagonal: Int = 0) -> Expr {
  _triangle("triu", x, diagonal, .here())
}

@usableFromInline func _triangle(
  _ name: String, _ x: Expr, _ diagonal: Int, _ at: Location
) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  guard x.rank >= 2 else {
    return .refused(
      Refusal(.rankMismatch, "rank \(x.rank) has no triangles; it needs 2 or more"), name, [x],
      at: at)
  }
  return at.serving(name) {
    let rows = Expr.iota(x.shape[x.rank - 2]).expanded(axis: 1)
    let columns = Expr.iota(x.shape[x.rank - 1])
    let edge = rows + Double(diagonal)
    let kept = name == "tril" ? columns .<= edge : columns .>= edge
    // A literal 0 has no bool spelling.
    let zero = Expr.constant(0, x.dtype, at: at)
    return select(kept, x, zero)
  }
}
