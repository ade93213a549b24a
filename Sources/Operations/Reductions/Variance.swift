public import GnomonIR
internal import GnomonTensors

/// The variance of the elements along `axes`, or of all of them: the mean of `(x - mean(x))²`.
///
/// - Parameters:
///   - x: a floating-point tensor; half floats are computed in float32.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - ddof: the degrees of freedom that the divisor subtracts: 1 for an unbiased sample variance.
///   - keepDims: whether the reduced axes stay, with size 1.
/// - Returns: the same dtype; NaN where there are no elements.
@_transparent public func variance(
  _ x: Expr, axes: Int..., ddof: Int = 0, keepDims: Bool = false
) -> Expr {
  _variance(x, axes.isEmpty ? nil : axes, ddof, keepDims, .here())
}

/// The variance of the elements along `axes`, or of all of them: the mean of `(x - mean(x))²`.
@_transparent public func variance(
  _ x: Expr, axes: [Int], ddof: Int = 0, keepDims: Bool = false
) -> Expr {
  _variance(x, axes, ddof, keepDims, .here())
}

@usableFromInline func _variance(
  _ x: Expr, _ axes: [Int]?, _ ddof: Int, _ keepDims: Bool, _ at: Location
) -> Expr {
  .statistic("variance", x, axes, keepDims, at) { x, axes in
    let mean = sum(x, axes: axes, keepDims: true) / x.count(along: axes)
    return sum(square(x - mean), axes: axes, keepDims: true) / x.count(along: axes, minus: ddof)
  }
}
