public import GnomonIR
internal import GnomonTensors

/// The logarithm of the sum of exponentials along `axes`, or of all elements: `log(sum(exp(x)))`.
///
/// Without overflow: the largest element m is taken out first, `m + log(sum(exp(x - m)))`. A row of
/// -inf gives -inf, one with +inf gives inf.
///
/// - Parameters:
///   - x: a floating-point tensor; the reduced axes must not be empty.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
/// - Returns: the same dtype.
@_transparent public func logSumExp(
  _ x: Expr, axes: Int..., keepDims: Bool = false
) -> Expr {
  _logSumExp(x, axes.isEmpty ? nil : axes, keepDims, .here())
}

/// The logarithm of the sum of exponentials along `axes`, or of all elements: `log(sum(exp(x)))`.
@_transparent public func logSumExp(
  _ x: Expr, axes: [Int], keepDims: Bool = false
) -> Expr {
  _logSumExp(x, axes, keepDims, .here())
}

@usableFromInline func _logSumExp(
  _ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location
) -> Expr {
  .statistic("logSumExp", x, axes, keepDims, at) { x, axes in
    // The result does not depend on m, so no derivative passes through it. An infinite one would make
    // inf - inf; then the plain form is exact.
    let largest = stopGradient(max(x, axes: axes, keepDims: true))
    let m = select(isFinite(largest), largest, 0)
    return m + log(sum(exp(x - m), axes: axes, keepDims: true))
  }
}
