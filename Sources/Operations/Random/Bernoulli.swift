public import GnomonIR
public import GnomonTensors

/// Random truth values, each true with the given probability.
///
/// - Parameters:
///   - key: the source; the same key gives the same values.
///   - probability: a float scalar, or a tensor that broadcasts to `shape`; at most 0 gives false,
///     at least 1 true, NaN false.
///   - shape: sizes, named or not.
/// - Returns: bool.
@_transparent public func bernoulli(key: RandomKey, probability: Expr, shape: [Dim]) -> Expr {
  _bernoulli(key, probability, shape, .here())
}

@usableFromInline func _bernoulli(
  _ key: RandomKey, _ probability: Expr, _ shape: [Dim], _ at: Location
) -> Expr {
  let p = probability.settled()
  if let bad = floatsOnly(p, "bernoulli", at) { return bad }
  return at.serving("bernoulli") {
    let compute = p.dtype.computeType
    return unitInterval(key, shape, compute) .< p.cast(to: compute)
  }
}

/// Sets each element to 0 with probability `rate`, and divides the others by `1 - rate`, so that the
/// expected value stays.
///
/// The gradient passes the same elements. See Srivastava and others, *Dropout: A Simple Way to Prevent
/// Neural Networks from Overfitting*, 2014.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - rate: at least 0 and below 1.
///   - key: the source of the draw; each dropout takes a key of its own.
@_transparent public func dropout(_ x: Expr, rate: Double, key: RandomKey) -> Expr {
  _dropout(x, rate, key, .here())
}

@usableFromInline func _dropout(
  _ x: Expr, _ rate: Double, _ key: RandomKey, _ at: Location
) -> Expr {
  let x = x.settled()
  if let bad = lossRefusal("dropout", [x], at) { return bad }
  guard rate >= 0, rate < 1 else {
    return .refused(
      Refusal(
        .invalidAttribute, "the rate \(rate) is not in 0..<1", marks: [Refusal.Mark(0)],
        help: "the rate is the share of elements set to 0"), "dropout", [x], at: at)
  }
  if rate == 0 { return x }
  return at.serving("dropout") {
    let stays = unitInterval(key, x.shape, .float32) .>= Expr(rate)
    return select(stays, x * Expr(1 / (1 - rate)), 0)
  }
}
