public import GnomonIR
internal import GnomonTensors

/// The depthwise convolution of sequences `[batch, length, channels]`: each channel is convolved
/// with kernels of its own.
///
/// - Parameters:
///   - x: `[batch, spatial axes, channels]`; the number of channels is known.
///   - kernel: `[length, channels, multiplier]`, the same dtype.
///   - strides: how far the window moves.
///   - padding: zeros around the input.
///   - dilations: the distance between elements of the window.
/// - Returns: `[batch, output axes, channels · multiplier]`, the results of a channel side by side.
@_transparent public func depthwiseConv1d(
  _ x: Expr, _ kernel: Expr, strides: PerAxis = 1, padding: Padding = .valid,
  dilations: PerAxis = 1
) -> Expr { _depthwise("depthwiseConv1d", 1, x, kernel, strides, padding, dilations, .here()) }

/// A depthwise convolution of sequences `[batch, length, channels]` followed by a mixture of the
/// channels.
///
/// - Parameters:
///   - x: `[batch, spatial axes, channels]`; the number of channels is known.
///   - depthwise: `[length, channels, multiplier]`, the same dtype.
///   - pointwise: `[1, channels · multiplier, output channels]`.
///   - strides: how far the window moves.
///   - padding: zeros around the input.
///   - dilations: the distance between elements of the window.
@_transparent public func separableConv1d(
  _ x: Expr, depthwise: Expr, pointwise: Expr, strides: PerAxis = 1, padding: Padding = .valid,
  dilations: PerAxis = 1
) -> Expr {
  _separable(
    "separableConv1d", 1, x, depthwise, pointwise, strides, padding, dilations, .here())
}

/// The depthwise convolution of images `[batch, height, width, channels]`: each channel is
/// convolved with kernels of its own.
///
/// - Parameters:
///   - x: `[batch, spatial axes, channels]`; the number of channels is known.
///   - kernel: `[height, width, channels, multiplier]`, the same dtype.
///   - strides: how far the window moves.
///   - padding: zeros around the input.
///   - dilations: the distance between elements of the window.
/// - Returns: `[batch, output axes, channels · multiplier]`, the results of a channel side by side.
@_transparent public func depthwiseConv2d(
  _ x: Expr, _ kernel: Expr, strides: PerAxis = 1, padding: Padding = .valid,
  dilations: PerAxis = 1
) -> Expr { _depthwise("depthwiseConv2d", 2, x, kernel, strides, padding, dilations, .here()) }

/// A depthwise convolution of images `[batch, height, width, channels]` followed by a mixture of
/// the channels.
///
/// - Parameters:
///   - x: `[batch, spatial axes, channels]`; the number of channels is known.
///   - depthwise: `[height, width, channels, multiplier]`, the same dtype.
///   - pointwise: `[1, 1, channels · multiplier, output channels]`.
///   - strides: how far the window moves.
///   - padding: zeros around the input.
///   - dilations: the distance between elements of the window.
@_transparent public func separableConv2d(
  _ x: Expr, depthwise: Expr, pointwise: Expr, strides: PerAxis = 1, padding: Padding = .valid,
  dilations: PerAxis = 1
) -> Expr {
  _separable(
    "separableConv2d", 2, x, depthwise, pointwise, strides, padding, dilations, .here())
}

@usableFromInline func _depthwise(
  _ name: String, _ rank: Int, _ x: Expr, _ w: Expr, _ strides: PerAxis, _ padding: Padding,
  _ dilations: PerAxis, _ at: Location
) -> Expr {
  let (x, w) = (x.settled(), w.settled())
  func refused(_ refusal: Refusal) -> Expr { .refused(refusal, name, [x, w], at: at) }
  if x.isInvalid || w.isInvalid { return refused(Refusal(.windowMalformed, "")) }
  guard w.rank == rank + 2 else {
    return refused(
      Refusal(
        .rankMismatch, "the kernel has rank \(w.rank) instead of \(rank + 2)",
        marks: [Refusal.Mark(1)],
        help: "the kernel is [\(rank) spatial axes, channels, multiplier]"))
  }
  guard let channels = w.shape[rank].constant, channels > 0, x.shape.last == w.shape[rank] else {
    return refused(
      Refusal(
        .innerDimensionsDiffer,
        "the kernel is for \(w.shape[rank]) channels, the input has \(x.shape.last ?? 0)",
        marks: [Refusal.Mark(0, [x.rank - 1]), Refusal.Mark(1, [rank])],
        help:
          "the kernel is [\(rank) spatial axes, channels, multiplier], with a number of channels"))
  }
  // Every channel is a group of its own.
  let kernel = at.serving(name) {
    w.reshaped(w.shape.prefix(rank) + [1, w.shape[rank] * w.shape[rank + 1]])
  }
  return _convolution(name, rank, x, kernel, strides, padding, dilations, channels, at)
}

@usableFromInline func _separable(
  _ name: String, _ rank: Int, _ x: Expr, _ depthwise: Expr, _ pointwise: Expr,
  _ strides: PerAxis, _ padding: Padding, _ dilations: PerAxis, _ at: Location
) -> Expr {
  let y = _depthwise(name, rank, x, depthwise, strides, padding, dilations, at)
  return _convolution(name, rank, y, pointwise, 1, .valid, 1, 1, at)
}
