public import GnomonIR
internal import GnomonTensors

/// The square root of the variance of the elements along `axes`, or of all of them.
///
/// - Parameters:
///   - x: a floating-point tensor; half floats are computed in float32.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - ddof: the degrees of freedom that the divisor subtracts: 1 for an unbiased sample variance.
///   - keepDims: whether the reduced axes stay, with size 1.
/// - Returns: the same dtype; NaN where there are no elements.
@_transparent public func standardDeviation(
  _ x: Expr, axes: Int..., ddof: Int = 0, keepDims: Bool = false
) -> Expr {
  _standardDeviation(x, axes.isEmpty ? nil : axes, ddof, keepDims, .here())
}

/// The square root of the variance of the elements along `axes`, or of all of them.
@_transparent public func standardDeviation(
  _ x: Expr, axes: [Int], ddof: Int = 0, keepDims: Bool = false
) -> Expr {
  _standardDeviation(x, axes, ddof, keepDims, .here())
}

@usableFromInline func _standardDeviation(
  _ x: Expr, _ axes: [Int]?, _ ddof: Int, _ keepDims: Bool, _ at: Location
) -> Expr {
  .statistic("standardDeviation", x, axes, keepDims, at) { x, axes in
    sqrt(variance(x, axes: axes, ddof: ddof, keepDims: true))
  }
}
