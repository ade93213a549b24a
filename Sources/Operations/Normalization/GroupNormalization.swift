public import GnomonIR
internal import GnomonTensors

/// Elements brought to mean 0 and variance 1 within each example and group of channels, then scaled
/// and shifted by channel.
///
/// See Wu and He, *Group Normalization*, 2018.
///
/// - Parameters:
///   - x: `[batch, …, channels]`, floating-point.
///   - groups: divides the number of channels.
///   - scale: a factor for each channel, or nil.
///   - offset: what is added to each channel, or nil.
///   - epsilon: what keeps a constant group finite.
@_transparent public func groupNormalization(
  _ x: Expr, groups: Int, scale: Expr? = nil, offset: Expr? = nil, epsilon: Double = 1e-5
) -> Expr { _groupNormalization(x, groups, scale, offset, epsilon, .here()) }

@usableFromInline func _groupNormalization(
  _ x: Expr, _ groups: Int, _ scale: Expr?, _ offset: Expr?, _ epsilon: Double, _ at: Location
) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  guard x.rank >= 2, groups > 0, let size = x.shape[x.rank - 1].exactQuotient(by: Dim(groups))
  else {
    return .refused(
      Refusal(
        .invalidAttribute,
        "\(groups) groups do not divide the \(x.shape.last ?? 0) channels of the last axis",
        marks: [Refusal.Mark(0, x.rank > 0 ? [x.rank - 1] : [])]), "groupNormalization", [x], at: at
    )
  }
  return .normalized("groupNormalization", x, [scale, offset], -1, at) { x, v in
    let grouped = x.reshaped(x.shape.dropLast() + [Dim(groups), size])
    let axes = Array(1..<(x.rank - 1)) + [x.rank]
    let centred = grouped - mean(grouped, axes: axes, keepDims: true)
    let spread = mean(square(centred), axes: axes, keepDims: true)
    var y = (centred * rsqrt(spread + Expr(epsilon))).reshaped(x.shape)
    if let scale = v[0] { y = y * scale }
    if let offset = v[1] { y = y + offset }
    return y
  }
}

/// Elements brought to mean 0 and variance 1 within each example and channel, then scaled and
/// shifted.
///
/// - Parameters:
///   - x: `[batch, spatial axes, channels]`, floating-point.
///   - scale: a factor for each channel, or nil.
///   - offset: what is added to each channel, or nil.
///   - epsilon: what keeps a constant channel finite.
@_transparent public func instanceNormalization(
  _ x: Expr, scale: Expr? = nil, offset: Expr? = nil, epsilon: Double = 1e-5
) -> Expr { _instanceNormalization(x, scale, offset, epsilon, .here()) }

@usableFromInline func _instanceNormalization(
  _ x: Expr, _ scale: Expr?, _ offset: Expr?, _ epsilon: Double, _ at: Location
) -> Expr {
  let x = x.settled()
  if let bad = spatialRefusal(x, "instanceNormalization", at) { return bad }
  return .normalized("instanceNormalization", x, [scale, offset], -1, at) { x, v in
    let axes = Array(1..<(x.rank - 1))
    let centred = x - mean(x, axes: axes, keepDims: true)
    var y = centred * rsqrt(mean(square(centred), axes: axes, keepDims: true) + Expr(epsilon))
    if let scale = v[0] { y = y * scale }
    if let offset = v[1] { y = y + offset }
    return y
  }
}

/// Elements divided by a power of the squares of their neighbours along the channels:
/// `x / (bias + alpha Σ x²)^beta`, the sum over `radius` channels on both sides.
///
/// See Krizhevsky, Sutskever and Hinton, *ImageNet Classification with Deep Convolutional Neural
/// Networks*, 2012.
///
/// - Parameters:
///   - x: `[…, channels]`, floating-point.
///   - radius: how many channels on each side count.
///   - bias: what is added to the sum.
///   - alpha: the factor of the sum.
///   - beta: the power.
@_transparent public func localResponseNormalization(
  _ x: Expr, radius: Int = 2, bias: Double = 1, alpha: Double = 1, beta: Double = 0.5
) -> Expr { _localResponseNormalization(x, radius, bias, alpha, beta, .here()) }

@usableFromInline func _localResponseNormalization(
  _ x: Expr, _ radius: Int, _ bias: Double, _ alpha: Double, _ beta: Double, _ at: Location
) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  guard x.rank > 0, radius >= 0 else {
    return .refused(
      Refusal(.invalidAttribute, "a radius of \(radius) along the last of \(x.rank) axes"),
      "localResponseNormalization", [x], at: at)
  }
  return .elementwise("localResponseNormalization", x, at) { x in
    // A sum of windows along the channels, which become the length of sequences of one channel.
    let rows = square(x).reshaped([x.shape.dropLast().reduce(Dim(1), *), x.shape[x.rank - 1], 1])
    let near = sumPool1d(
      rows, size: PerAxis(2 * radius + 1), strides: 1,
      padding: .explicit(low: PerAxis(radius), high: PerAxis(radius)))
    return x / (bias + alpha * near.reshaped(x.shape)) ** Expr(beta)
  }
}
