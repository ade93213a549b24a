public import GnomonIR
public import GnomonTensors

/// Each element of a pooled tensor put back where `maxPool2dWithPositions` took it from, and 0
/// elsewhere;
/// where windows overlap, the sum.
///
/// - Parameters:
///   - x: the pooled tensor, `[batch, pooled height, pooled width, channels]`.
///   - positions: int32 of the same shape, from `maxPool2dWithPositions`.
///   - shape: the shape of what was pooled.
///   - size: the window's height and width, as in the pooling.
///   - strides: as in the pooling.
///   - padding: as in the pooling.
@_transparent public func maxUnpool2d(
  _ x: Expr, positions: Expr, shape: [Dim], size: PerAxis, strides: PerAxis? = nil,
  padding: Padding = .valid
) -> Expr { _maxUnpool2d(x, positions, shape, size, strides, padding, .here()) }

@usableFromInline func _maxUnpool2d(
  _ x: Expr, _ positions: Expr, _ shape: [Dim], _ size: PerAxis, _ strides: PerAxis?,
  _ padding: Padding, _ at: Location
) -> Expr {
  let x = x.settled()
  if x.isInvalid || positions.isInvalid {
    return .refused(Refusal(.windowMalformed, ""), "maxUnpool2d", [x, positions], at: at)
  }
  do throws(Refusal) {
    let whole = Expr.zeros(x.dtype, shape)
    let op = try pooling(MaxPool.self, 2, whole, size, strides, padding)
    return .make(
      MaxPoolGradient(op, input: shape), [x, positions], at: at.inScope("maxUnpool2d"))
  } catch {
    return .refused(error, "maxUnpool2d", [x, positions], at: at)
  }
}
