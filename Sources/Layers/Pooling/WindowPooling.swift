public import Gnomon

/// The reduction of each window of each channel.
///
/// - Input: `[batch, sizes..., channels]`; output `[batch, new sizes..., channels]`. No weights.
public class WindowPooling: SpatialLayer {
  public let poolSize: PerAxis
  public let strides: PerAxis
  public let padding: Padding

  /// - Parameters:
  ///   - poolSize: the positions that a window has along each axis.
  ///   - strides: how far the window moves; by default its size.
  ///   - padding: what lies beside the input.
  public required init(
    poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    self.poolSize = poolSize
    self.strides = strides ?? poolSize
    self.padding = padding
    super.init(inputShape: inputShape, name: name)
  }
}
