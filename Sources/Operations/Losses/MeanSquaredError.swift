public import GnomonIR
internal import GnomonTensors

/// The mean of the squared differences of all elements: a scalar.
///
/// - Parameters:
///   - predictions: a floating-point tensor.
///   - targets: the same shape and dtype.
@_transparent public func meanSquaredError(_ predictions: Expr, _ targets: Expr) -> Expr {
  _meanSquaredError(predictions, targets, .here())
}

@usableFromInline func _meanSquaredError(_ x: Expr, _ t: Expr, _ at: Location) -> Expr {
  let (x, t) = settledPair(x, t)
  if let bad = pairRefusal("meanSquaredError", x, t, at) { return bad }
  return at.serving("meanSquaredError") { mean(square(x - t)) }
}
