public import GnomonIR
internal import GnomonTensors

/// The mean of each window of each channel; padding does not count.
///
/// - Parameters:
///   - x: `[batch, height, width, channels]`, floating-point.
///   - size: the window's height and width.
///   - strides: how far the window moves; by default its size.
///   - padding: the elements around the input that windows may reach over.
@_transparent public func averagePool2d(
  _ x: Expr, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid
) -> Expr { _averagePool(x, size, strides, padding, .here()) }

@usableFromInline func _averagePool(
  _ x: Expr, _ size: PerAxis, _ strides: PerAxis?, _ padding: Padding, _ at: Location
) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  do throws(Refusal) {
    guard x.dtype.isFloat else {
      throw Refusal(
        .dtypeNotSupported, "not defined for \(x.dtype); it needs a floating-point dtype",
        marks: [Refusal.Mark(0)], help: "cast it first: x.cast(to: .float32)")
    }
    let op = try pooling(SumPool.self, x, size, strides, padding)
    return at.serving("averagePool2d") {
      let total = Expr.make(op, [x], at: .here())
      if padding == .valid { return total / Expr(Double(op.sizes.reduce(1, *))) }
      // How many elements of each window lie in the input: the same for all images and channels.
      let ones = Expr.constant(1, x.dtype, at: .here()).broadcast(
        to: [1, x.shape[1], x.shape[2], 1])
      return total / Expr.make(op, [ones], at: .here())
    }
  } catch {
    return .refused(error, "averagePool2d", [x], at: at)
  }
}
