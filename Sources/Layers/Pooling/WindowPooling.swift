public import Gnomon

/// What pooling of one, two and three dimensions shares.
///
/// - Input: `[batch, sizes..., channels]`; output `[batch, new sizes..., channels]`. No weights.
public class WindowPooling: Layer {
  public let poolSize: [Int]
  public let strides: [Int]
  public let padding: Padding

  init(
    rank: Int, poolSize: PerAxis, strides: PerAxis?, padding: Padding, inputShape: [Dim]?,
    name: String?
  ) {
    self.poolSize = poolSize.spread(over: rank)
    self.strides = (strides ?? poolSize).spread(over: rank)
    self.padding = padding
    super.init(name: name, inputShape: inputShape)
    inputSpec = InputSpec(rank: rank + 2)
  }

  /// The reduction of each window of images.
  func pooled(_ x: Expr, size: PerAxis, strides: PerAxis) -> Expr { x }

  public override func call(_ x: Expr) -> Expr {
    switch poolSize.count {
    case 1:
      // A sequence is an image one pixel wide.
      return pooled(x.expanded(axis: 2), size: [poolSize[0], 1], strides: [strides[0], 1])
        .squeezed(axis: 2)
    case 2:
      return pooled(x, size: PerAxis(poolSize), strides: PerAxis(strides))
    default:
      // First within each slice, then across slices: a window is the product of the two.
      let s = x.shape
      let slices = pooled(
        x.reshaped([s[0] * s[1], s[2], s[3], s[4]]), size: [poolSize[1], poolSize[2]],
        strides: [strides[1], strides[2]])
      let (h, w) = (slices.shape[1], slices.shape[2])
      let across = pooled(
        slices.reshaped([s[0], s[1], h * w, s[4]]), size: [poolSize[0], 1],
        strides: [strides[0], 1])
      return across.reshaped([s[0], across.shape[1], h, w, s[4]])
    }
  }
}

/// The largest element of each window.
public class MaxPooling: WindowPooling {
  override func pooled(_ x: Expr, size: PerAxis, strides: PerAxis) -> Expr {
    maxPool2d(x, size: size, strides: strides, padding: padding)
  }
}

/// The mean of each window; padding does not count.
public class AveragePooling: WindowPooling {
  override func pooled(_ x: Expr, size: PerAxis, strides: PerAxis) -> Expr {
    averagePool2d(x, size: size, strides: strides, padding: padding)
  }
}
