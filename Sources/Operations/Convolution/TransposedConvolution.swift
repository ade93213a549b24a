public import GnomonIR
internal import GnomonTensors

/// The transposed convolution of sequences `[batch, length, channels]` with a kernel
/// `[length, output channels, channels]`; see `conv2dTransposed`.
@_transparent public func conv1dTransposed(
  _ x: Expr, _ kernel: Expr, strides: PerAxis = 1, padding: Padding = .valid,
  outputPadding: PerAxis = 0, dilations: PerAxis = 1
) -> Expr {
  _convolutionTransposed(
    "conv1dTransposed", 1, x, kernel, strides, padding, outputPadding, dilations, .here())
}

/// The transposed convolution of images `[batch, height, width, channels]`: the linear map that is
/// the derivative of `conv2d` with respect
/// to its input, which spreads every element over a window.
///
/// - Parameters:
///   - x: `[batch, spatial axes, channels]`.
///   - kernel: `[height, width, output channels, channels]`, the same dtype.
///   - strides: how far windows of neighbouring elements lie apart.
///   - padding: what the convolution had: `.valid` gives `size · stride` elements and what
///     windows reach over,
///     `.same` gives `size · stride`, explicit padding cuts elements off.
///   - outputPadding: elements added at the end, for explicit padding; a stride leaves the size
///     open.
///   - dilations: the distance between elements of the window.
/// - Returns: `[batch, output axes, output channels]`.
@_transparent public func conv2dTransposed(
  _ x: Expr, _ kernel: Expr, strides: PerAxis = 1, padding: Padding = .valid,
  outputPadding: PerAxis = 0, dilations: PerAxis = 1
) -> Expr {
  _convolutionTransposed(
    "conv2dTransposed", 2, x, kernel, strides, padding, outputPadding, dilations, .here())
}

/// The transposed convolution of volumes `[batch, depth, height, width, channels]` with a kernel
/// `[depth, height, width, output channels, channels]`; see `conv2dTransposed`.
@_transparent public func conv3dTransposed(
  _ x: Expr, _ kernel: Expr, strides: PerAxis = 1, padding: Padding = .valid,
  outputPadding: PerAxis = 0, dilations: PerAxis = 1
) -> Expr {
  _convolutionTransposed(
    "conv3dTransposed", 3, x, kernel, strides, padding, outputPadding, dilations, .here())
}

@usableFromInline func _convolutionTransposed(
  _ name: String, _ rank: Int, _ x: Expr, _ w: Expr, _ strides: PerAxis, _ padding: Padding,
  _ outputPadding: PerAxis, _ dilations: PerAxis, _ at: Location
) -> Expr {
  let (x, w) = (x.settled(), w.settled())
  func refused(_ refusal: Refusal) -> Expr { .refused(refusal, name, [x, w], at: at) }
  if x.isInvalid || w.isInvalid { return refused(Refusal(.windowMalformed, "")) }
  do throws(Refusal) {
    for (i, e) in [x, w].enumerated() where e.rank != rank + 2 {
      throw Refusal(
        .rankMismatch,
        "the \(i == 0 ? "input" : "kernel") has rank \(e.rank) instead of \(rank + 2)",
        marks: [Refusal.Mark(i)],
        help: i == 0
          ? "the input is [batch, \(rank) spatial axes, channels]"
          : "the kernel is [\(rank) spatial axes, output channels, input channels]")
    }
    guard x.shape[rank + 1] == w.shape[rank + 1] else {
      throw Refusal(
        .innerDimensionsDiffer,
        "the input has \(x.shape[rank + 1]) channels, the kernel \(w.shape[rank + 1])",
        marks: [Refusal.Mark(0, [rank + 1]), Refusal.Mark(1, [rank + 1])],
        help: "the kernel is [\(rank) spatial axes, output channels, input channels]")
    }
    let s = try strides.resolved(rank, "strides", atLeast: 1)
    let d = try dilations.resolved(rank, "dilations", atLeast: 1)
    let more = try outputPadding.resolved(rank, "output padding", atLeast: 0)
    let kernel = Array(w.shape.dropLast(2))
    let sizes = (0..<rank).map { i -> Dim in
      let stride = Dim(s[i])
      let extent = (kernel[i] - 1) * Dim(d[i]) + 1
      let n = x.shape[i + 1]
      switch padding {
      case .same, .causal: return n * stride
      case .valid: return n * stride + Dim.maximum(extent - stride, 0)
      case .full: return (n - 1) * stride + extent - 2 * (extent - 1)
      case .explicit(let low, let high):
        let cut =
          (low.values.count == rank ? low.values[i] : low.values[0])
          + (high.values.count == rank ? high.values[i] : high.values[0])
        return (n - 1) * stride + extent - Dim(cut) + Dim(more[i])
      }
    }
    let (low, high) = try padding.resolved(
      input: sizes, kernel: kernel, strides: s, dilations: d)
    let forward = Convolution(strides: s, dilations: d, low: low, high: high, groups: 1)
    let input = [x.shape[0]] + sizes + [w.shape[rank]]
    let y = Expr.make(
      ConvolutionInputGradient(forward, input: input), [w, x], at: at.inScope(name))
    return y
  } catch {
    return refused(error)
  }
}
