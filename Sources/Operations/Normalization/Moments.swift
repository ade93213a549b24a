public import GnomonIR
internal import GnomonTensors

/// The mean and the variance of the elements along axes.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axes: the axes to reduce; negative ones count from the end.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func moments(_ x: Expr, axes: [Int], keepDims: Bool = false) -> (
  mean: Expr, variance: Expr
) { _moments(x, axes, keepDims, .here()) }

@usableFromInline func _moments(_ x: Expr, _ axes: [Int], _ keepDims: Bool, _ at: Location) -> (
  mean: Expr, variance: Expr
) {
  (
    at.serving("moments") { mean(x, axes: axes, keepDims: keepDims) },
    at.serving("moments") { variance(x, axes: axes, keepDims: keepDims) }
  )
}

/// Elements brought to mean 0 and variance 1 along axes.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axes: the axes taken together.
///   - epsilon: what keeps a constant row finite.
@_transparent public func standardize(_ x: Expr, axes: [Int] = [-1], epsilon: Double = 1e-5) -> Expr
{ _standardize(x, axes, epsilon, .here()) }

@usableFromInline func _standardize(_ x: Expr, _ axes: [Int], _ epsilon: Double, _ at: Location)
  -> Expr
{
  _layerNormalization(x, nil, nil, axes, epsilon, at.inScope("standardize"))
}

/// Elements divided by the norm of their row, so that it becomes 1.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axes: the axes of a row.
///   - order: of the norm: 1, 2, any number above 0, or infinity.
///   - epsilon: the least norm, which keeps rows of zeros finite.
@_transparent public func unitNormalized(
  _ x: Expr, axes: [Int] = [-1], order: Double = 2, epsilon: Double = 1e-12
) -> Expr { _unitNormalized(x, axes, order, epsilon, .here()) }

@usableFromInline func _unitNormalized(
  _ x: Expr, _ axes: [Int], _ order: Double, _ epsilon: Double, _ at: Location
) -> Expr {
  guard order > 0 else {
    return .refused(
      Refusal(.invalidAttribute, "the order \(order) is not above 0", marks: [Refusal.Mark(0)]),
      "unitNormalized", [x], at: at)
  }
  return .statistic("unitNormalized", x, axes, true, at) { x, axes in
    if order == 2 {
      let total = sum(square(x), axes: axes, keepDims: true)
      return x * rsqrt(maximum(total, Expr(epsilon * epsilon)))
    }
    let size =
      order == .infinity
      ? max(abs(x), axes: axes, keepDims: true)
      : order == 1
        ? sum(abs(x), axes: axes, keepDims: true)
        : sum(abs(x) ** Expr(order), axes: axes, keepDims: true) ** Expr(1 / order)
    return x / maximum(size, Expr(epsilon))
  }
}
