public import GnomonIR

/// The loss and its derivative, for a `let (value, dw) = …`.
///
///     let (value, dw) = valueAndGradient(of: loss, withRespectTo: w)
@_transparent public func valueAndGradient(
  of loss: Expr, withRespectTo x: Expr, disconnected: Disconnected = .refused
) -> (value: Expr, gradient: Expr) { (loss, _gradient(loss, [x], disconnected, .here())[0]) }

/// The loss and its derivatives with respect to each of `xs`.
@_transparent public func valueAndGradient(
  of loss: Expr, withRespectTo xs: [Expr], disconnected: Disconnected = .refused
) -> (value: Expr, gradient: [Expr]) { (loss, _gradient(loss, xs, disconnected, .here())) }

/// The loss and its derivatives with respect to two values.
@_transparent public func valueAndGradient(
  of loss: Expr, withRespectTo a: Expr, _ b: Expr,
  disconnected: Disconnected = .refused
) -> (value: Expr, gradient: (Expr, Expr)) {
  let d = _gradient(loss, [a, b], disconnected, .here())
  return (loss, (d[0], d[1]))
}

/// The loss and its derivatives with respect to three values.
@_transparent public func valueAndGradient(
  of loss: Expr, withRespectTo a: Expr, _ b: Expr, _ c: Expr,
  disconnected: Disconnected = .refused
) -> (value: Expr, gradient: (Expr, Expr, Expr)) {
  let d = _gradient(loss, [a, b, c], disconnected, .here())
  return (loss, (d[0], d[1], d[2]))
}

/// The loss and its derivatives with respect to four values.
@_transparent public func valueAndGradient(
  of loss: Expr, withRespectTo a: Expr, _ b: Expr, _ c: Expr, _ d: Expr,
  disconnected: Disconnected = .refused
) -> (value: Expr, gradient: (Expr, Expr, Expr, Expr)) {
  let d = _gradient(loss, [a, b, c, d], disconnected, .here())
  return (loss, (d[0], d[1], d[2], d[3]))
}

/// The loss and its derivatives with respect to five values.
@_transparent public func valueAndGradient(
  of loss: Expr, withRespectTo a: Expr, _ b: Expr, _ c: Expr, _ d: Expr, _ e: Expr,
  disconnected: Disconnected = .refused
) -> (value: Expr, gradient: (Expr, Expr, Expr, Expr, Expr)) {
  let d = _gradient(loss, [a, b, c, d, e], disconnected, .here())
  return (loss, (d[0], d[1], d[2], d[3], d[4]))
}

/// The loss and its derivatives with respect to six values.
@_transparent public func valueAndGradient(
  of loss: Expr, withRespectTo a: Expr, _ b: Expr, _ c: Expr, _ d: Expr, _ e: Expr, _ f: Expr,
  disconnected: Disconnected = .refused
) -> (value: Expr, gradient: (Expr, Expr, Expr, Expr, Expr, Expr)) {
  let d = _gradient(loss, [a, b, c, d, e, f], disconnected, .here())
  return (loss, (d[0], d[1], d[2], d[3], d[4], d[5]))
}
