public import Gnomon

/// Pooling to a fixed number of windows, whatever the size of the input: window `i` of `k` over `n`
/// positions reaches from `⌊i n / k⌋` up to `⌈(i + 1) n / k⌉`.
///
/// - Input: `[batch, sizes..., channels]`; output `[batch, outputSize..., channels]`.
public class AdaptivePooling: SpatialLayer {
  public let outputSize: [Int]

  /// - Parameter outputSize: the number of windows along each axis.
  public required init(outputSize: PerAxis, name: String? = nil) {
    self.outputSize = outputSize.spread(over: Self.spatialRank)
    super.init(inputShape: nil, name: name)
  }
}

/// The largest element of each of `outputSize` windows.
public class AdaptiveMaxPooling: AdaptivePooling {
  public override func call(_ x: Expr) -> Expr { adaptiveMaxPool(x, to: outputSize) }
}

/// The mean of each of `outputSize` windows.
public class AdaptiveAveragePooling: AdaptivePooling {
  public override func call(_ x: Expr) -> Expr { adaptiveAveragePool(x, to: outputSize) }
}

/// The largest element of each of `outputSize` windows of sequences: `adaptiveMaxPool(x, to: outputSize)`.
///
///     let x = Input(shape: [100, 8])
///     let y = AdaptiveMaxPooling1D(outputSize: 4)(x)  // [batch, 4, 8]
///
/// - Input: `[batch, length, channels]`; output `[batch, outputSize..., channels]`. No weights.
public final class AdaptiveMaxPooling1D: AdaptiveMaxPooling {
  override class var spatialRank: Int { 1 }
}

/// The largest element of each of `outputSize` windows of images: `adaptiveMaxPool(x, to: outputSize)`.
///
///     let x = Input(shape: [28, 28, 32])
///     let y = AdaptiveMaxPooling2D(outputSize: [4, 3])(x)  // [batch, 4, 3, 32]
///
/// - Input: `[batch, height, width, channels]`; output `[batch, outputSize..., channels]`. No weights.
public final class AdaptiveMaxPooling2D: AdaptiveMaxPooling {
  override class var spatialRank: Int { 2 }
}

/// The largest element of each of `outputSize` windows of volumes: `adaptiveMaxPool(x, to: outputSize)`.
///
///     let x = Input(shape: [8, 16, 16, 4])
///     let y = AdaptiveMaxPooling3D(outputSize: 2)(x)  // [batch, 2, 2, 2, 4]
///
/// - Input: `[batch, depth, height, width, channels]`; output `[batch, outputSize..., channels]`. No weights.
public final class AdaptiveMaxPooling3D: AdaptiveMaxPooling {
  override class var spatialRank: Int { 3 }
}

/// The mean of each of `outputSize` windows of sequences: `adaptiveAveragePool(x, to: outputSize)`.
///
///     let x = Input(shape: [100, 8])
///     let y = AdaptiveAveragePooling1D(outputSize: 4)(x)  // [batch, 4, 8]
///
/// - Input: `[batch, length, channels]`; output `[batch, outputSize..., channels]`. No weights.
public final class AdaptiveAveragePooling1D: AdaptiveAveragePooling {
  override class var spatialRank: Int { 1 }
}

/// The mean of each of `outputSize` windows of images: `adaptiveAveragePool(x, to: outputSize)`.
///
///     let x = Input(shape: [28, 28, 32])
///     let y = AdaptiveAveragePooling2D(outputSize: [4, 3])(x)  // [batch, 4, 3, 32]
///
/// - Input: `[batch, height, width, channels]`; output `[batch, outputSize..., channels]`. No weights.
public final class AdaptiveAveragePooling2D: AdaptiveAveragePooling {
  override class var spatialRank: Int { 2 }
}

/// The mean of each of `outputSize` windows of volumes: `adaptiveAveragePool(x, to: outputSize)`.
///
///     let x = Input(shape: [8, 16, 16, 4])
///     let y = AdaptiveAveragePooling3D(outputSize: 2)(x)  // [batch, 2, 2, 2, 4]
///
/// - Input: `[batch, depth, height, width, channels]`; output `[batch, outputSize..., channels]`. No weights.
public final class AdaptiveAveragePooling3D: AdaptiveAveragePooling {
  override class var spatialRank: Int { 3 }
}
