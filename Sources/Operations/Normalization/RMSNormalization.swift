public import GnomonIR
internal import GnomonTensors

/// Elements divided by the root of the mean of their squares, then scaled:
/// `x / √(mean(x²) + epsilon) · scale`.
///
/// See Zhang and Sennrich, *Root Mean Square Layer Normalization*, 2019.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - scale: broadcast to `x`; of the shape of the normalized axes when those are the last.
///   - axes: the axes normalized together; the last by default.
///   - epsilon: what keeps a row of zeros finite.
@_transparent public func rmsNormalization(
  _ x: Expr, scale: Expr? = nil, axes: [Int] = [-1], epsilon: Double = 1e-6
) -> Expr { _rmsNormalization(x, scale, axes, epsilon, .here()) }

@usableFromInline func _rmsNormalization(
  _ x: Expr, _ scale: Expr?, _ axes: [Int], _ epsilon: Double, _ at: Location
) -> Expr {
  if let scale, !scale.isInvalid, !x.isInvalid, scale.literalValue == nil, scale.dtype != x.dtype {
    return .refused(
      Refusal(
        .dtypeMismatch, "the operands have different dtypes: \(x.dtype) and \(scale.dtype)",
        help: "cast the scale: {1}.cast(to: .\(x.dtype))"), "rmsNormalization", [x, scale], at: at)
  }
  return .statistic("rmsNormalization", x, axes, true, at) { x, axes in
    let y = x * rsqrt(mean(square(x), axes: axes, keepDims: true) + Expr(epsilon))
    // `statistic` computes half floats in float32.
    return scale.map { y * $0.settled(x.dtype).cast(to: x.dtype) } ?? y
  }
}
