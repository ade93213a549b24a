internal import Gnomon

extension Expr {
  /// The convolution of each channel with `kernel` `[sizes..., channels, multiplier]`.
  func depthwise(
    _ kernel: Expr, strides: PerAxis, padding: Padding, dilations: PerAxis
  ) -> Expr {
    let channels = kernel.shape[kernel.rank - 2]
    guard let groups = channels.constant else { return self }
    let grouped = kernel.reshaped(
      kernel.shape.dropLast(2) + [1, channels * kernel.shape[kernel.rank - 1]])
    return kernel.rank == 3
      ? conv1d(
        self, grouped, strides: strides, padding: padding, dilations: dilations, groups: groups)
      : conv2d(
        self, grouped, strides: strides, padding: padding, dilations: dilations, groups: groups)
  }
}
