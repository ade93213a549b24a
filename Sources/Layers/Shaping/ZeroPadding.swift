public import Gnomon

/// Zeros around each example's positions.
public class ZeroPadding: SpatialLayer {
  /// For each spatial axis how many zeros go before and after.
  public let padding: [(Int, Int)]

  /// As much at each end of every spatial axis.
  public convenience init(_ padding: Int = 1, inputShape: [Dim]? = nil, name: String? = nil) {
    self.init([(padding, padding)], inputShape: inputShape, name: name)
  }

  /// So much before and after each spatial axis.
  public required init(_ padding: [(Int, Int)], inputShape: [Dim]? = nil, name: String? = nil) {
    self.padding =
      padding.count == 1 ? Array(repeating: padding[0], count: Self.spatialRank) : padding
    super.init(inputShape: inputShape, name: name)
  }

  public override func call(_ x: Expr) -> Expr { x.padded([(0, 0)] + padding + [(0, 0)]) }
}

/// Zeros before and after the positions of sequences: `padded(x, padding)`.
///
///     let x = Input(shape: [10, 8])
///     let y = ZeroPadding1D(2)(x)                   // [batch, 14, 8]
///
/// - Input: `[batch, length, channels]`; output the same rank, larger. No weights.
public final class ZeroPadding1D: ZeroPadding {
  override class var spatialRank: Int { 1 }
}

/// Zeros before and after the positions of images: `padded(x, padding)`.
///
///     let x = Input(shape: [28, 28, 1])
///     let y = ZeroPadding2D([(1, 0), (2, 3)])(x)    // [batch, 29, 33, 1]
///
/// - Input: `[batch, height, width, channels]`; output the same rank, larger. No weights.
public final class ZeroPadding2D: ZeroPadding {
  override class var spatialRank: Int { 2 }
}

/// Zeros before and after the positions of volumes: `padded(x, padding)`.
///
///     let x = Input(shape: [4, 4, 4, 2])
///     let y = ZeroPadding3D()(x)                    // [batch, 6, 6, 6, 2]
///
/// - Input: `[batch, depth, height, width, channels]`; output the same rank, larger. No weights.
public final class ZeroPadding3D: ZeroPadding {
  override class var spatialRank: Int { 3 }
}
