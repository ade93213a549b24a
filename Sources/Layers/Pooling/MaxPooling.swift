internal import Gnomon

/// The largest element of each window.
public class MaxPooling: WindowPooling {
  public override func call(_ x: Expr) -> Expr {
    switch Self.spatialRank {
    case 1: maxPool1d(x, size: poolSize, strides: strides, padding: padding)
    case 2: maxPool2d(x, size: poolSize, strides: strides, padding: padding)
    default: maxPool3d(x, size: poolSize, strides: strides, padding: padding)
    }
  }
}

/// The largest element of each window of sequences: `maxPool1d(x, size: poolSize)`.
///
///     let x = Input(shape: [100, 8])
///     let y = MaxPooling1D(poolSize: 2)(x)          // [batch, 50, 8]
///
/// - Input: `[batch, length, channels]`; output the same rank and channels. No weights.
public final class MaxPooling1D: MaxPooling {
  override class var spatialRank: Int { 1 }
}

/// The largest element of each window of images: `maxPool2d(x, size: poolSize)`.
///
///     let x = Input(shape: [28, 28, 32])
///     let y = MaxPooling2D(poolSize: 2)(x)          // [batch, 14, 14, 32]
///
/// - Input: `[batch, height, width, channels]`; output the same rank and channels. No weights.
public final class MaxPooling2D: MaxPooling {
  override class var spatialRank: Int { 2 }
}

/// The largest element of each window of volumes: `maxPool3d(x, size: poolSize)`.
///
///     let x = Input(shape: [8, 16, 16, 4])
///     let y = MaxPooling3D(poolSize: 2)(x)          // [batch, 4, 8, 8, 4]
///
/// - Input: `[batch, depth, height, width, channels]`; output the same rank and channels. No weights.
public final class MaxPooling3D: MaxPooling {
  override class var spatialRank: Int { 3 }
}
