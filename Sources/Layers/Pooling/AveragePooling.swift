public import Gnomon

/// The mean of each window of sequences; padding does not count.
///
///     AveragePooling1D(poolSize: 2)
///
/// - Input: `[batch, length, channels]`; output the same rank and channels.
public final class AveragePooling1D: AveragePooling {
  /// - Parameter strides: how far the window moves; by default its size.
  public init(
    poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    super.init(
      rank: 1, poolSize: poolSize, strides: strides, padding: padding, inputShape: inputShape,
      name: name)
  }
}

/// The mean of each window of images; padding does not count.
///
///     AveragePooling2D(poolSize: 2)
///
/// - Input: `[batch, height, width, channels]`; output the same rank and channels.
public final class AveragePooling2D: AveragePooling {
  /// - Parameter strides: how far the window moves; by default its size.
  public init(
    poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    super.init(
      rank: 2, poolSize: poolSize, strides: strides, padding: padding, inputShape: inputShape,
      name: name)
  }
}

/// The mean of each window of volumes; padding does not count.
///
///     AveragePooling3D(poolSize: 2)
///
/// - Input: `[batch, depth, height, width, channels]`; output the same rank and channels.
public final class AveragePooling3D: AveragePooling {
  /// - Parameter strides: how far the window moves; by default its size.
  public init(
    poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    super.init(
      rank: 3, poolSize: poolSize, strides: strides, padding: padding, inputShape: inputShape,
      name: name)
  }
}
