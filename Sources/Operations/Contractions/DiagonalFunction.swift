public import GnomonIR
internal import GnomonTensors

/// A diagonal of a matrix, or of each of a batch.
///
/// - Parameters:
///   - x: any tensor of rank 2 or more, whose last two axes are the matrix.
///   - offset: which diagonal; positive ones lie above the main one.
/// - Returns: the other axes, then that of the diagonal.
@_transparent public func diagonal(_ x: Expr, offset: Int = 0) -> Expr {
  _diagonal(x, offset, .here())
}

@usableFromInline func _diagonal(_ x: Expr, _ offset: Int, _ at: Location) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  guard x.rank >= 2 else {
    return .refused(
      Refusal(.rankMismatch, "rank \(x.rank) has no diagonal", marks: [Refusal.Mark(0)]),
      "diagonal", [x], at: at)
  }
  return at.serving("diagonal") {
    // The part in which it is the main diagonal, square.
    let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
    let (down, right) = (Dim(Swift.max(-offset, 0)), Dim(Swift.max(offset, 0)))
    let n = Dim.maximum(Dim.minimum(rows - down, columns - right), 0)
    var starts = [Dim](repeating: 0, count: x.rank)
    var sizes = x.shape
    (starts[x.rank - 2], starts[x.rank - 1]) = (down, right)
    (sizes[x.rank - 2], sizes[x.rank - 1]) = (n, n)
    let square =
      sizes == x.shape
      ? x
      : Expr.make(
        Slice(starts: starts, sizes: sizes, steps: [Int](repeating: 1, count: x.rank)), [x],
        at: .here())
    return .make(Diagonal(first: x.rank - 2, second: x.rank - 1), [square], at: .here())
  }
}
