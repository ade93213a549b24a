internal import Gnomon

/// Drops whole channels: the elements of a channel stay or go together.
///
/// Neighbouring positions of a feature map tell the same, so that dropping single ones changes little.
/// Tompson and others, *Efficient Object Localization Using Convolutional Networks*, 2015.
public class SpatialDropout: Dropout {
  fileprivate init(_ rate: Double, rank: Int, seed: UInt64?, name: String?) {
    super.init(rate, seed: seed, name: name)
    inputSpec = InputSpec(rank: rank)
  }

  override func choiceShape(_ x: Expr) -> [Dim] {
    x.shape.indices.map { $0 == 0 || $0 == x.rank - 1 ? x.shape[$0] : 1 }
  }
}

/// `SpatialDropout` of sequences `[batch, steps, channels]`.
public final class SpatialDropout1D: SpatialDropout {
  public init(_ rate: Double, seed: UInt64? = nil, name: String? = nil) {
    super.init(rate, rank: 3, seed: seed, name: name)
  }
}

/// `SpatialDropout` of images `[batch, height, width, channels]`.
public final class SpatialDropout2D: SpatialDropout {
  public init(_ rate: Double, seed: UInt64? = nil, name: String? = nil) {
    super.init(rate, rank: 4, seed: seed, name: name)
  }
}

/// `SpatialDropout` of volumes `[batch, depth, height, width, channels]`.
public final class SpatialDropout3D: SpatialDropout {
  public init(_ rate: Double, seed: UInt64? = nil, name: String? = nil) {
    super.init(rate, rank: 5, seed: seed, name: name)
  }
}
