public import GnomonIR
public import GnomonTensors

/// The matrix product of complex matrices, by the rules of the real one: four real products.
@_transparent public func matmul(_ z: ComplexExpr, _ w: ComplexExpr) -> ComplexExpr {
  _complexMatmul(z, w, .here())
}

@usableFromInline func _complexMatmul(_ z: ComplexExpr, _ w: ComplexExpr, _ at: Location)
  -> ComplexExpr
{
  at.serving("matmul") {
    ComplexExpr(
      matmul(z.real, w.real) - matmul(z.imaginary, w.imaginary),
      matmul(z.real, w.imaginary) + matmul(z.imaginary, w.real))
  }
}

/// Z with `A Z = B` for a complex square matrix, or for each of a batch, as a real system of twice the
/// size.
///
/// - Parameters:
///   - a: `[..., n, n]`.
///   - b: `[..., n, k]`, or one vector `[n]`.
@_transparent public func solve(_ a: ComplexExpr, _ b: ComplexExpr) -> ComplexExpr {
  _complexSolve(a, b, .here())
}

@usableFromInline func _complexSolve(_ a: ComplexExpr, _ b: ComplexExpr, _ at: Location)
  -> ComplexExpr
{
  if a.isInvalid { return a }
  if b.isInvalid { return b }
  // What is no matrix, or does not fit, is refused in terms of the real parts.
  var context = TypeContext(operands: [a.real.type, b.real.type])
  let rows = b.rank == 1 ? 0 : b.rank - 2
  guard a.rank >= 2, b.rank >= 1, context.agree(a.shape[a.rank - 2], a.shape[a.rank - 1]),
    context.agree(a.shape[a.rank - 1], b.shape[rows]), a.dtype == b.dtype
  else {
    let bad = _solve(a.real, b.real, false, at)
    return ComplexExpr(bad, bad)
  }
  return at.serving("solve") {
    // [[A, -B], [B, A]] [X; Y] = [C; D]
    let whole = concatenate(
      [
        concatenate([a.real, -a.imaginary], axis: -1),
        concatenate([a.imaginary, a.real], axis: -1),
      ], axis: -2)
    let x = solve(whole, concatenate([b.real, b.imaginary], axis: rows))
    if x.isInvalid { return ComplexExpr(x, x) }
    let axis = b.rank == 1 ? x.rank - 1 : x.rank - 2
    let n = a.shape[a.rank - 1]
    return ComplexExpr(
      x.cut(axis, from: 0, count: n), x.cut(axis, from: n, count: n))
  }
}

extension ComplexExpr {
  /// The tensor with its last two axes exchanged.
  @_transparent public func transposed() -> ComplexExpr { _transposed(.here()) }

  @usableFromInline func _transposed(_ at: Location) -> ComplexExpr {
    at.serving { mapParts { $0.transposed() } }
  }

  /// The conjugates of the tensor with its last two axes exchanged.
  @_transparent public func adjoint() -> ComplexExpr { _adjoint(.here()) }

  @usableFromInline func _adjoint(_ at: Location) -> ComplexExpr {
    at.serving("adjoint") { conj(transposed()) }
  }

  /// The same elements under another shape.
  @_transparent public func reshaped(_ shape: [Dim]) -> ComplexExpr { _reshaped(shape, .here()) }

  @usableFromInline func _reshaped(_ shape: [Dim], _ at: Location) -> ComplexExpr {
    at.serving { mapParts { $0.reshaped(shape) } }
  }
}
