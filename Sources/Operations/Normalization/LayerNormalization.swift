public import GnomonIR
internal import GnomonTensors

/// Elements brought to mean 0 and variance 1 along axes, then scaled and shifted:
/// `(x - mean) / sqrt(variance + epsilon) · scale + offset`.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - scale: broadcast to `x`; of the shape of the normalized axes when those are the last.
///   - offset: as `scale`.
///   - axes: the axes normalized together; the last by default.
///   - epsilon: what keeps a constant row finite.
/// - Returns: the same shape and dtype. See Ba, Kiros and Hinton, *Layer Normalization*, 2016.
@_transparent public func layerNormalization(
  _ x: Expr, scale: Expr? = nil, offset: Expr? = nil, axes: [Int] = [-1], epsilon: Double = 1e-5
) -> Expr { _layerNormalization(x, scale, offset, axes, epsilon, .here()) }

@usableFromInline func _layerNormalization(
  _ x: Expr, _ scale: Expr?, _ offset: Expr?, _ axes: [Int], _ epsilon: Double, _ at: Location
) -> Expr {
  let operands = [x] + [scale, offset].compactMap { $0 }.filter { $0.literalValue == nil }
  if let odd = operands.first(where: { $0.dtype != x.dtype }),
    !operands.contains(where: \.isInvalid)
  {
    return .refused(
      Refusal(
        .dtypeMismatch, "the operands have different dtypes: \(x.dtype) and \(odd.dtype)",
        help: "cast scale and offset: w.cast(to: .\(x.dtype))"), "layerNormalization", operands,
      at: at)
  }
  return .statistic("layerNormalization", x, axes, true, at) { x, axes in
    let centred = x - mean(x, axes: axes, keepDims: true)
    let variance = mean(square(centred), axes: axes, keepDims: true)
    var y = centred * rsqrt(variance + Expr(epsilon))
    // `statistic` computes half floats in float32.
    if let scale { y = y * scale.settled(x.dtype).cast(to: x.dtype) }
    if let offset { y = y + offset.settled(x.dtype).cast(to: x.dtype) }
    return y
  }
}
