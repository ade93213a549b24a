public import Gnomon

/// Each position repeated along the spatial axes.
public class UpSampling: SpatialLayer {
  public let size: [Int]

  /// - Parameter size: how often each position is repeated along each axis.
  public required init(size: PerAxis = 2, inputShape: [Dim]? = nil, name: String? = nil) {
    self.size = size.spread(over: Self.spatialRank)
    super.init(inputShape: inputShape, name: name)
  }

  public override func call(_ x: Expr) -> Expr {
    size.enumerated().reduce(x) { y, n in y.repeated(n.element, axis: n.offset + 1) }
  }
}

/// Each position of sequences repeated `size` times along each axis.
///
///     let x = Input(shape: [10, 8])
///     let y = UpSampling1D(size: 3)(x)              // [batch, 30, 8]
///
/// - Input: `[batch, length, channels]`; output the same rank, larger. No weights.
public final class UpSampling1D: UpSampling {
  override class var spatialRank: Int { 1 }
}

/// Each position of images repeated `size` times along each axis.
///
///     let x = Input(shape: [7, 7, 4])
///     let y = UpSampling2D(size: [2, 3])(x)         // [batch, 14, 21, 4]
///
/// - Input: `[batch, height, width, channels]`; output the same rank, larger. No weights.
public final class UpSampling2D: UpSampling {
  override class var spatialRank: Int { 2 }
}

/// Each position of volumes repeated `size` times along each axis.
///
///     let x = Input(shape: [4, 4, 4, 2])
///     let y = UpSampling3D()(x)                     // [batch, 8, 8, 8, 2]
///
/// - Input: `[batch, depth, height, width, channels]`; output the same rank, larger. No weights.
public final class UpSampling3D: UpSampling {
  override class var spatialRank: Int { 3 }
}
