public import GnomonIR
internal import GnomonTensors

/// The mean of each window of each channel of sequences `[batch, length, channels]`; see
/// `averagePool2d`.
@_transparent public func averagePool1d(
  _ x: Expr, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid,
  countsPadding: Bool = false
) -> Expr {
  _averagePool("averagePool1d", 1, x, size, strides, padding, countsPadding, .here())
}

/// The mean of each window of each channel of images `[batch, height, width, channels]`; by default
/// padding does not count.
///
/// - Parameters:
///   - x: floating-point.
///   - size: the window's length along each spatial axis.
///   - strides: how far the window moves; by default its size.
///   - padding: the elements around the input that windows may reach over.
///   - countsPadding: whether those elements count, as 0.
@_transparent public func averagePool2d(
  _ x: Expr, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid,
  countsPadding: Bool = false
) -> Expr {
  _averagePool("averagePool2d", 2, x, size, strides, padding, countsPadding, .here())
}

/// The mean of each window of each channel of volumes `[batch, depth, height, width, channels]`;
/// see `averagePool2d`.
@_transparent public func averagePool3d(
  _ x: Expr, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid,
  countsPadding: Bool = false
) -> Expr {
  _averagePool("averagePool3d", 3, x, size, strides, padding, countsPadding, .here())
}

@usableFromInline func _averagePool(
  _ name: String, _ rank: Int, _ x: Expr, _ size: PerAxis, _ strides: PerAxis?,
  _ padding: Padding, _ countsPadding: Bool, _ at: Location
) -> Expr {
  pooled(name, rank, x, size, strides, padding, at) { x, op in
    let total = Expr.make(op, [x], at: .here())
    if padding == .valid || countsPadding {
      return total / Expr(Double(op.sizes.reduce(1, *)))
    }
    // How many elements of each window lie in the input: the same for all images and channels.
    let ones = Expr.constant(1, x.dtype, at: .here()).broadcast(
      to: [1] + x.shape.dropFirst().dropLast() + [1])
    return total / Expr.make(op, [ones], at: .here())
  }
}

/// A formula of the sums of windows of a floating-point tensor; half floats are computed in
/// float32.
func pooled(
  _ name: String, _ rank: Int, _ x: Expr, _ size: PerAxis, _ strides: PerAxis?,
  _ padding: Padding, _ at: Location, _ formula: (Expr, SumPool) -> Expr
) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  if let refusal = floatsOnly(x, name, at) { return refusal }
  do throws(Refusal) {
    let op = try pooling(SumPool.self, rank, x, size, strides, padding)
    return at.serving(name) {
      formula(x.cast(to: x.dtype.computeType), op).cast(to: x.dtype)
    }
  } catch {
    return .refused(error, name, [x], at: at)
  }
}
