public import GnomonIR
public import GnomonTensors

/// The windows of a batch of images, each as one row: what a convolution multiplies with its
/// kernel.
///
/// - Parameters:
///   - x: `[batch, height, width, channels]`.
///   - size: the window's height and width.
///   - strides: how far the window moves.
///   - padding: zeros around the input.
///   - dilations: the distance between elements of the window.
/// - Returns: `[batch, windows down, windows across, size · size · channels]`, the channels
///   innermost.
@_transparent public func extractPatches(
  _ x: Expr, size: PerAxis, strides: PerAxis = 1, padding: Padding = .valid,
  dilations: PerAxis = 1
) -> Expr { _extractPatches(x, size, strides, padding, dilations, .here()) }

/// The sums of patches put back where `extractPatches` took them from: its transpose.
///
/// - Parameters:
///   - patches: `[batch, windows down, windows across, size · size · channels]`.
///   - shape: the shape of the images.
///   - size: the window's height and width; the other parameters as in `extractPatches`.
@_transparent public func foldPatches(
  _ patches: Expr, shape: [Dim], size: PerAxis, strides: PerAxis = 1,
  padding: Padding = .valid, dilations: PerAxis = 1
) -> Expr { _foldPatches(patches, shape, size, strides, padding, dilations, .here()) }

/// A convolution whose kernel differs from place to place.
///
/// - Parameters:
///   - x: `[batch, height, width, channels]`.
///   - kernel: `[output height, output width, size · size · channels, output channels]`.
///   - size: the window's height and width.
///   - strides: how far the window moves.
///   - padding: zeros around the input.
/// - Returns: `[batch, output height, output width, output channels]`.
@_transparent public func locallyConnected2d(
  _ x: Expr, _ kernel: Expr, size: PerAxis, strides: PerAxis = 1, padding: Padding = .valid
) -> Expr { _locallyConnected2d(x, kernel, size, strides, padding, .here()) }

@usableFromInline func _extractPatches(
  _ x: Expr, _ size: PerAxis, _ strides: PerAxis, _ padding: Padding, _ dilations: PerAxis,
  _ at: Location
) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  do throws(Refusal) {
    guard x.rank == 4 else {
      throw Refusal(
        .rankMismatch, "the input has rank \(x.rank) instead of 4", marks: [Refusal.Mark(0)],
        help: "the input is [batch, height, width, channels]")
    }
    let k = try size.resolved(2, "window sizes", atLeast: 1)
    let s = try strides.resolved(2, "strides", atLeast: 1)
    let d = try dilations.resolved(2, "dilations", atLeast: 1)
    let input = Array(x.shape[1...2])
    let kernel = k.map { Dim($0) }
    let (low, high) = try padding.resolved(
      input: input, kernel: kernel, strides: s, dilations: d)
    let window = SpatialWindow(
      input: input, kernel: kernel, strides: s, dilations: d, low: low, high: high)
    var context = TypeContext(operands: [x.type])
    try window.check(&context, axes: Refusal.Mark(0, [1, 2]))
    return at.serving("extractPatches") {
      // A negative end cuts elements off, which no window reaches anyhow.
      let after = high.map { Dim.maximum($0, 0) }
      let wide = (0..<2).map { input[$0] + low[$0] + after[$0] }
      let padded =
        wide == input
        ? x
        : Expr.make(
          Pad(
            shape: [x.shape[0]] + wide + [x.shape[3]], starts: [0] + low + [0],
            steps: [1, 1, 1, 1], value: ScalarValue(0, x.dtype)), [x], at: .here())
      let pieces = (0..<k[0]).flatMap { i in
        (0..<k[1]).map { j in
          Expr.make(
            Slice(
              starts: [0, Dim(i * d[0]), Dim(j * d[1]), 0],
              sizes: [x.shape[0]] + window.output + [x.shape[3]],
              steps: [1, s[0], s[1], 1]), [padded], at: .here())
        }
      }
      return concatenate(pieces, axis: 3)
    }
  } catch {
    return .refused(error, "extractPatches", [x], at: at)
  }
}

@usableFromInline func _foldPatches(
  _ patches: Expr, _ shape: [Dim], _ size: PerAxis, _ strides: PerAxis, _ padding: Padding,
  _ dilations: PerAxis, _ at: Location
) -> Expr {
  let patches = patches.settled()
  if let bad = floatsOnly(patches, "foldPatches", at) { return bad }
  if patches.isInvalid { return patches }
  return at.serving("foldPatches") {
    // The derivative of a linear map is its transpose, whatever the point.
    let point = Expr.zeros(patches.dtype, shape)
    let image = extractPatches(
      point, size: size, strides: strides, padding: padding, dilations: dilations)
    return gradient(of: sum(image * patches), withRespectTo: point)
  }
}

@usableFromInline func _locallyConnected2d(
  _ x: Expr, _ kernel: Expr, _ size: PerAxis, _ strides: PerAxis, _ padding: Padding,
  _ at: Location
) -> Expr {
  at.serving("locallyConnected2d") {
    einsum(
      "nhwk,hwko->nhwo", extractPatches(x, size: size, strides: strides, padding: padding), kernel)
  }
}
