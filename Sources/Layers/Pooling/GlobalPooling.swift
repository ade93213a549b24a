public import Gnomon

/// The reduction of each channel over all positions: `[batch, sizes..., channels]` to `[batch, channels]`.
public class GlobalPooling: SpatialLayer {
  /// Whether the axes that were reduced stay, with size 1.
  public let keepDims: Bool

  /// - Parameter keepDims: whether the axes that are reduced stay, with size 1.
  public required init(keepDims: Bool = false, name: String? = nil) {
    self.keepDims = keepDims
    super.init(inputShape: nil, name: name)
  }
}

/// The largest element of each channel over all positions.
public class GlobalMaxPooling: GlobalPooling {
  public override func call(_ x: Expr) -> Expr { globalMaxPool(x, keepDims: keepDims) }
}

/// The mean of each channel over all positions.
public class GlobalAveragePooling: GlobalPooling {
  public override func call(_ x: Expr) -> Expr { globalAveragePool(x, keepDims: keepDims) }
}

/// The largest element of each channel of sequences: `globalMaxPool(x)`.
///
///     let x = Input(shape: [100, 8])
///     let y = GlobalMaxPooling1D()(x)               // [batch, 8]
///
/// - Input: `[batch, length, channels]`; output `[batch, channels]`. No weights.
public final class GlobalMaxPooling1D: GlobalMaxPooling {
  override class var spatialRank: Int { 1 }
}

/// The largest element of each channel of images: `globalMaxPool(x)`.
///
///     let x = Input(shape: [28, 28, 32])
///     let y = GlobalMaxPooling2D()(x)               // [batch, 32]
///
/// - Input: `[batch, height, width, channels]`; output `[batch, channels]`. No weights.
public final class GlobalMaxPooling2D: GlobalMaxPooling {
  override class var spatialRank: Int { 2 }
}

/// The largest element of each channel of volumes: `globalMaxPool(x)`.
///
///     let x = Input(shape: [8, 16, 16, 4])
///     let y = GlobalMaxPooling3D()(x)               // [batch, 4]
///
/// - Input: `[batch, depth, height, width, channels]`; output `[batch, channels]`. No weights.
public final class GlobalMaxPooling3D: GlobalMaxPooling {
  override class var spatialRank: Int { 3 }
}

/// The mean of each channel of sequences: `globalAveragePool(x)`.
///
///     let x = Input(shape: [100, 8])
///     let y = GlobalAveragePooling1D()(x)           // [batch, 8]
///
/// - Input: `[batch, length, channels]`; output `[batch, channels]`. No weights.
/// - Mask: steps that it excludes do not count.
public final class GlobalAveragePooling1D: GlobalAveragePooling {
  override class var spatialRank: Int { 1 }

  public override func call(_ x: Expr) -> Expr {
    guard let mask = x.mask else { return super.call(x) }
    let counts = mask.cast(to: x.dtype).expanded(axis: 2)
    return sum(x * counts, axes: 1, keepDims: keepDims) / sum(counts, axes: 1, keepDims: keepDims)
  }

  public override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? { nil }
}

/// The mean of each channel of images: `globalAveragePool(x)`.
///
///     let x = Input(shape: [28, 28, 32])
///     let y = GlobalAveragePooling2D()(x)           // [batch, 32]
///
/// - Input: `[batch, height, width, channels]`; output `[batch, channels]`. No weights.
public final class GlobalAveragePooling2D: GlobalAveragePooling {
  override class var spatialRank: Int { 2 }
}

/// The mean of each channel of volumes: `globalAveragePool(x)`.
///
///     let x = Input(shape: [8, 16, 16, 4])
///     let y = GlobalAveragePooling3D()(x)           // [batch, 4]
///
/// - Input: `[batch, depth, height, width, channels]`; output `[batch, channels]`. No weights.
public final class GlobalAveragePooling3D: GlobalAveragePooling {
  override class var spatialRank: Int { 3 }
}
