public import Gnomon

/// The largest element of each window of sequences.
///
///     MaxPooling1D(poolSize: 2)
///
/// - Input: `[batch, length, channels]`; output the same rank and channels.
public final class MaxPooling1D: MaxPooling {
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

/// The largest element of each window of images.
///
///     MaxPooling2D(poolSize: 2)
///
/// - Input: `[batch, height, width, channels]`; output the same rank and channels.
public final class MaxPooling2D: MaxPooling {
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

/// The largest element of each window of volumes.
///
///     MaxPooling3D(poolSize: 2)
///
/// - Input: `[batch, depth, height, width, channels]`; output the same rank and channels.
public final class MaxPooling3D: MaxPooling {
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
