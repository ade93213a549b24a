public import GnomonIR
internal import GnomonTensors

/// Exponentials that sum to 1 along an axis: `exp(x) / sum(exp(x))`.
///
/// Without overflow: the largest element is taken out first, which changes nothing else.
///
/// - Parameters:
///   - x: a floating-point tensor; the axis must not be empty.
///   - axis: the axis that sums to 1; the last by default.
/// - Returns: the same shape and dtype. Half floats are computed in float32 and rounded once.
@_transparent public func softmax(_ x: Expr, axis: Int = -1) -> Expr { _softmax(x, axis, .here()) }

@usableFromInline func _softmax(_ x: Expr, _ axis: Int, _ at: Location) -> Expr {
  .statistic("softmax", x, [axis], true, at) { x, axes in
    // The result does not depend on the shift, so no derivative passes through it.
    let e = exp(x - stopGradient(max(x, axes: axes, keepDims: true)))
    return e / sum(e, axes: axes, keepDims: true)
  }
}

/// The logarithm of `softmax`: `x - log(sum(exp(x)))`.
///
/// Exact where the probability itself would underflow to 0.
///
/// - Parameters:
///   - x: a floating-point tensor; the axis must not be empty.
///   - axis: the axis along which the probabilities sum to 1; the last by default.
/// - Returns: the same shape and dtype. Half floats are computed in float32 and rounded once.
@_transparent public func logSoftmax(_ x: Expr, axis: Int = -1) -> Expr {
  _logSoftmax(x, axis, .here())
}

@usableFromInline func _logSoftmax(_ x: Expr, _ axis: Int, _ at: Location) -> Expr {
  .statistic("logSoftmax", x, [axis], true, at) { x, axes in
    let shifted = x - stopGradient(max(x, axes: axes, keepDims: true))
    return shifted - log(sum(exp(shifted), axes: axes, keepDims: true))
  }
}
