public import Gnomon

/// Each example without some positions at its edges.
public class Cropping: SpatialLayer {
  /// For each spatial axis how many positions go at its start and end.
  public let cropping: [(Int, Int)]

  /// As much at each end of every spatial axis.
  public convenience init(_ cropping: Int = 1, inputShape: [Dim]? = nil, name: String? = nil) {
    self.init([(cropping, cropping)], inputShape: inputShape, name: name)
  }

  /// So much before and after each spatial axis.
  public required init(_ cropping: [(Int, Int)], inputShape: [Dim]? = nil, name: String? = nil) {
    self.cropping =
      cropping.count == 1 ? Array(repeating: cropping[0], count: Self.spatialRank) : cropping
    super.init(inputShape: inputShape, name: name)
  }

  public override func call(_ x: Expr) -> Expr {
    cropping.enumerated().reduce(x) { y, crop in
      y.cropped(axis: crop.offset + 1, start: crop.element.0, end: crop.element.1)
    }
  }
}

/// Without some positions at the edges of sequences: `x[start..<(n - end)]` along each axis.
///
///     let x = Input(shape: [10, 8])
///     let y = Cropping1D(2)(x)                      // [batch, 6, 8]
///
/// - Input: `[batch, length, channels]`; output the same rank, smaller. No weights.
public final class Cropping1D: Cropping {
  override class var spatialRank: Int { 1 }
}

/// Without some positions at the edges of images: `x[start..<(n - end)]` along each axis.
///
///     let x = Input(shape: [28, 28, 1])
///     let y = Cropping2D([(1, 0), (2, 3)])(x)       // [batch, 27, 23, 1]
///
/// - Input: `[batch, height, width, channels]`; output the same rank, smaller. No weights.
public final class Cropping2D: Cropping {
  override class var spatialRank: Int { 2 }
}

/// Without some positions at the edges of volumes: `x[start..<(n - end)]` along each axis.
///
///     let x = Input(shape: [4, 4, 4, 2])
///     let y = Cropping3D()(x)                       // [batch, 2, 2, 2, 2]
///
/// - Input: `[batch, depth, height, width, channels]`; output the same rank, smaller. No weights.
public final class Cropping3D: Cropping {
  override class var spatialRank: Int { 3 }
}
