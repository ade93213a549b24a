public import GnomonIR
internal import GnomonTensors

/// The determinant of a square matrix, or of each of a batch.
///
/// It overflows long before its logarithm does: see `logDeterminant`.
///
/// - Parameter a: float32 or float64, `[..., n, n]`.
@_transparent public func determinant(_ a: Expr) -> Expr { _determinant(a, .here()) }

@usableFromInline func _determinant(_ a: Expr, _ at: Location) -> Expr {
  factored(a, "determinant", at) { diagonal, sign in product(diagonal, axes: -1) * sign }
}

/// The sign of the determinant of a square matrix, and the logarithm of its magnitude, or of each of a
/// batch.
///
/// A singular matrix has sign 0 and logarithm -infinity. The derivative of the logarithm is A⁻ᵀ.
///
/// - Parameter a: float32 or float64, `[..., n, n]`.
@_transparent public func logDeterminant(_ a: Expr) -> (sign: Expr, logarithm: Expr) {
  _logDeterminant(a, .here())
}

@usableFromInline func _logDeterminant(_ a: Expr, _ at: Location) -> (sign: Expr, logarithm: Expr) {
  var signs: Expr?
  let logarithm = factored(a, "logDeterminant", at) { diagonal, own in
    signs = product(sign(diagonal), axes: -1) * own
    return sum(log(abs(diagonal)), axes: -1)
  }
  return (signs ?? logarithm, logarithm)
}

/// What to make of the diagonal of U and the permutation's sign.
private func factored(
  _ a: Expr, _ name: String, _ at: Location, _ body: (Expr, Expr) -> Expr
) -> Expr {
  let a = a.settled()
  if a.isInvalid { return a }
  if let bad = notSquare(a, name, at) { return bad }
  let factors = Expr.apply(LU(), [a], at: at.inScope(name))
  guard factors.count == 3 else { return factors[0] }
  return at.serving(name) { body(diagonal(factors[0]), factors[2]) }
}

/// The refusal of what is no square matrix.
func notSquare(_ a: Expr, _ name: String, _ at: Location) -> Expr? {
  var context = TypeContext(operands: [a.type])
  if a.rank >= 2, context.agree(a.shape[a.rank - 2], a.shape[a.rank - 1]) { return nil }
  return .refused(
    Refusal(
      a.rank < 2 ? .rankMismatch : .shapeMismatch, "\(a.type) is no square matrix",
      marks: [Refusal.Mark(0, a.rank < 2 ? [] : [a.rank - 2, a.rank - 1])],
      help: "a matrix [..., n, n]"), name, [a], at: at)
}
