public import GnomonIR

// One overload an arity: the tuple that comes back is taken apart by `let (dw, db) = …`.

/// The derivatives of a scalar with respect to two values.
@_transparent public func gradient(
  of loss: Expr, withRespectTo a: Expr, _ b: Expr,
  disconnected: Disconnected = .refused
) -> (Expr, Expr) {
  let d = _gradient(loss, [a, b], disconnected, .here())
  return (d[0], d[1])
}

/// The derivatives of a scalar with respect to three values.
@_transparent public func gradient(
  of loss: Expr, withRespectTo a: Expr, _ b: Expr, _ c: Expr,
  disconnected: Disconnected = .refused
) -> (Expr, Expr, Expr) {
  let d = _gradient(loss, [a, b, c], disconnected, .here())
  return (d[0], d[1], d[2])
}

/// The derivatives of a scalar with respect to four values.
@_transparent public func gradient(
  of loss: Expr, withRespectTo a: Expr, _ b: Expr, _ c: Expr, _ d: Expr,
  disconnected: Disconnected = .refused
) -> (Expr, Expr, Expr, Expr) {
  let d = _gradient(loss, [a, b, c, d], disconnected, .here())
  return (d[0], d[1], d[2], d[3])
}

/// The derivatives of a scalar with respect to five values.
@_transparent public func gradient(
  of loss: Expr, withRespectTo a: Expr, _ b: Expr, _ c: Expr, _ d: Expr, _ e: Expr,
  disconnected: Disconnected = .refused
) -> (Expr, Expr, Expr, Expr, Expr) {
  let d = _gradient(loss, [a, b, c, d, e], disconnected, .here())
  return (d[0], d[1], d[2], d[3], d[4])
}

/// The derivatives of a scalar with respect to six values.
@_transparent public func gradient(
  of loss: Expr, withRespectTo a: Expr, _ b: Expr, _ c: Expr, _ d: Expr, _ e: Expr, _ f: Expr,
  disconnected: Disconnected = .refused
) -> (Expr, Expr, Expr, Expr, Expr, Expr) {
  let d = _gradient(loss, [a, b, c, d, e, f], disconnected, .here())
  return (d[0], d[1], d[2], d[3], d[4], d[5])
}
