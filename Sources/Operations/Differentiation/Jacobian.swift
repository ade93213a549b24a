public import GnomonIR
internal import GnomonTensors

/// All partial derivatives of a tensor with respect to another: element `[i…, j…]` is that of `y[i…]`
/// with respect to `x[j…]`.
///
///     let j = jacobian(of: matmul(w, x), withRespectTo: x)       // w itself
///
/// All rows are made at once, by a sweep over a batch of basis vectors: reverse mode when `y` has no
/// more elements than `x`, forward mode otherwise.
///
/// - Parameters:
///   - y: a floating-point tensor.
///   - x: a floating-point value.
@_transparent public func jacobian(of y: Expr, withRespectTo x: Expr) -> Expr {
  _jacobian(y, x, .here())
}

/// The second derivatives of a scalar: element `[i…, j…]` is that with respect to `x[i…]` and `x[j…]`.
///
/// - Parameters:
///   - loss: a floating-point scalar, else G0030.
///   - x: a floating-point value, else G0033.
@_transparent public func hessian(of loss: Expr, withRespectTo x: Expr) -> Expr {
  _hessian(loss, x, .here())
}

@usableFromInline func _hessian(_ loss: Expr, _ x: Expr, _ at: Location) -> Expr {
  let slope = _gradient(loss, [x], .zeros, at)[0]
  return slope.isInvalid ? slope : _jacobian(slope, x, at)
}

@usableFromInline func _jacobian(_ y: Expr, _ x: Expr, _ at: Location) -> Expr {
  let y = y.settled()
  if y.isInvalid || x.isInvalid {
    return .refused(Refusal(.shapeMismatch, ""), "jacobian", [y, x], at: at)
  }
  if let bad = [y, x].first(where: { !$0.dtype.isFloat || $0.literalValue != nil }) {
    return .refused(
      Refusal(
        .integerVariable, "{0} is \(bad.dtype); a derivative needs a floating-point value",
        help: "cast it: {0}.cast(to: .float32)"), "jacobian", [bad], at: at)
  }
  return derived([y], at) { [try jacobianMatrix(y, x)] }[0]
}

private func jacobianMatrix(_ y: Expr, _ x: Expr) throws -> Expr {
  let (rows, columns) = (y.type.elementCount, x.type.elementCount)
  var isForward = false
  if let m = rows.constant, let n = columns.constant { isForward = n < m }
  // One vector stands for all; it is replaced by the batch of basis vectors.
  let vector = zeros(like: isForward ? x : y)
  let product =
    isForward
    ? try forwardDerivatives([y], [x], [vector])[0]
    : try reverseSweep(outputs: [y], upstream: [vector], inputs: [x])[0]
  let shape = y.shape + x.shape
  guard let product else {
    return Expr.constant(0, x.dtype, at: .here())._broadcast(shape, .here())
  }
  let count = isForward ? columns : rows
  var vectorizer = Vectorizer(size: count)
  let identity = Expr._eye(count, count, vector.dtype, .here())
  if vector.rank == 1 {
    vectorizer.bind(vector, toIdentity: identity)
  } else {
    vectorizer.bind(vector, to: identity._reshaped([count] + vector.shape, .here()))
  }
  var all = try vectorizer.run([product])[0]
  if isForward {
    all = all._reshaped([columns, rows], .here())
    all = .make(Transpose(permutation: [1, 0]), [all], at: .here())
  }
  return all._reshaped(shape, .here())
}
