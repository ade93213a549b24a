internal import Gnomon

/// Drops whole channels: the elements of a channel stay or go together.
///
/// Neighbouring positions of a feature map tell the same, so that dropping single ones changes little.
/// Tompson and others, *Efficient Object Localization Using Convolutional Networks*, 2015.
public class SpatialDropout: Dropout {
  class var spatialRank: Int { 2 }

  /// - Parameter rate: the share of channels to drop, at least 0 and below 1.
  public init(_ rate: Double, seed: UInt64? = nil, name: String? = nil) {
    super.init(rate, seed: seed, name: name)
    inputSpec = InputSpec(rank: Self.spatialRank + 2)
  }

  override func choiceShape(_ x: Expr) -> [Dim] {
    x.shape.indices.map { $0 == 0 || $0 == x.rank - 1 ? x.shape[$0] : 1 }
  }
}

/// In training sets whole channels of sequences to 0 with probability `rate` and divides the others by `1 - rate`.
///
///     let x = Input(shape: [100, 8])
///     let y = SpatialDropout1D(0.3)(x)              // [batch, 100, 8]
///
/// - Input: `[batch, length, channels]`; output the same. No weights.
public final class SpatialDropout1D: SpatialDropout {
  override class var spatialRank: Int { 1 }
}

/// In training sets whole channels of images to 0 with probability `rate` and divides the others by `1 - rate`.
///
///     let x = Input(shape: [28, 28, 32])
///     let y = SpatialDropout2D(0.3)(x)              // [batch, 28, 28, 32]
///
/// - Input: `[batch, height, width, channels]`; output the same. No weights.
public final class SpatialDropout2D: SpatialDropout {
  override class var spatialRank: Int { 2 }
}

/// In training sets whole channels of volumes to 0 with probability `rate` and divides the others by `1 - rate`.
///
///     let x = Input(shape: [8, 16, 16, 4])
///     let y = SpatialDropout3D(0.3)(x)              // [batch, 8, 16, 16, 4]
///
/// - Input: `[batch, depth, height, width, channels]`; output the same. No weights.
public final class SpatialDropout3D: SpatialDropout {
  override class var spatialRank: Int { 3 }
}
