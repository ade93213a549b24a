public import GnomonIR
internal import GnomonTensors

/// The inverse of a tensor as a map from its last axes to its first ones.
///
///     tensordot(tensorInverse(a, axes: 2), b, axes: 2)     // as tensorSolve(a, b)
///
/// - Parameters:
///   - a: float32 or float64; the product of its first sizes is that of the others.
///   - axes: how many axes are the first ones, at least 1.
/// - Returns: the others first, then those.
@_transparent public func tensorInverse(_ a: Expr, axes: Int = 2) -> Expr {
  _tensorInverse(a, axes, .here())
}

@usableFromInline func _tensorInverse(_ a: Expr, _ axes: Int, _ at: Location) -> Expr {
  let a = a.settled()
  if a.isInvalid { return a }
  guard axes >= 1, axes < a.rank else {
    return .refused(
      Refusal(
        .axisOutOfRange, "\(axes) first axes of a tensor of rank \(a.rank)",
        marks: [Refusal.Mark(0)]), "tensorInverse", [a], at: at)
  }
  let (first, rest) = (Array(a.shape[..<axes]), Array(a.shape[axes...]))
  return matrixOf(a, first, rest, "tensorInverse", [a], at) { inverse($0).reshaped(rest + first) }
}

/// X with `tensordot(a, X, axes: X.rank) = b`.
///
/// - Parameters:
///   - a: float32 or float64; its first axes are those of `b`, and the product of the others is that
///     of the first.
///   - b: the same dtype.
/// - Returns: the other axes of `a`.
@_transparent public func tensorSolve(_ a: Expr, _ b: Expr) -> Expr { _tensorSolve(a, b, .here()) }

@usableFromInline func _tensorSolve(_ a: Expr, _ b: Expr, _ at: Location) -> Expr {
  let (a, b) = settledPair(a, b)
  if a.isInvalid || b.isInvalid { return a.isInvalid ? a : b }
  guard a.rank > b.rank, Array(a.shape[..<b.rank]) == b.shape else {
    return .refused(
      Refusal(
        .shapeMismatch, "the first axes of \(a.type) are not those of \(b.type)",
        marks: [Refusal.Mark(0), Refusal.Mark(1)]), "tensorSolve", [a, b], at: at)
  }
  let rest = Array(a.shape[b.rank...])
  return matrixOf(a, b.shape, rest, "tensorSolve", [a, b], at) {
    solve($0, b.flattened()).reshaped(rest)
  }
}

/// A tensor as a square matrix.
private func matrixOf(
  _ a: Expr, _ rows: [Dim], _ columns: [Dim], _ name: String, _ operands: [Expr], _ at: Location,
  _ body: (Expr) -> Expr
) -> Expr {
  let (m, n) = (rows.reduce(Dim(1), *), columns.reduce(Dim(1), *))
  var context = TypeContext(operands: [a.type])
  guard context.agree(m, n) else {
    return .refused(
      Refusal(
        .shapeMismatch, "the first axes have \(m) places, the others \(n)",
        marks: [Refusal.Mark(0)]), name, operands, at: at)
  }
  return at.serving(name) { body(a.reshaped([m, n])) }
}
