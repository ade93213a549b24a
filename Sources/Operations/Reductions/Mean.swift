public import GnomonIR
internal import GnomonTensors

/// The mean of the elements along `axes`, or of all of them: `sum(x) / n`.
///
/// - Parameters:
///   - x: a floating-point tensor; half floats are averaged in float32.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
/// - Returns: the same dtype; NaN where there are no elements.
@_transparent public func mean(
  _ x: Expr, axes: Int..., keepDims: Bool = false
) -> Expr {
  _mean(x, axes.isEmpty ? nil : axes, keepDims, .here())
}

/// The mean of the elements along `axes`, or of all of them: `sum(x) / n`.
@_transparent public func mean(
  _ x: Expr, axes: [Int], keepDims: Bool = false
) -> Expr {
  _mean(x, axes, keepDims, .here())
}

@usableFromInline func _mean(
  _ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location
) -> Expr {
  .statistic("mean", x, axes, keepDims, at) { x, axes in
    sum(x, axes: axes, keepDims: true) / x.count(along: axes)
  }
}
