internal import Gnomon

/// The mean of each window; padding does not count.
public class AveragePooling: WindowPooling {
  public override func call(_ x: Expr) -> Expr {
    switch Self.spatialRank {
    case 1: averagePool1d(x, size: poolSize, strides: strides, padding: padding)
    case 2: averagePool2d(x, size: poolSize, strides: strides, padding: padding)
    default: averagePool3d(x, size: poolSize, strides: strides, padding: padding)
    }
  }
}

/// The mean of each window of sequences: `averagePool1d(x, size: poolSize)`; padding does not count.
///
///     let x = Input(shape: [100, 8])
///     let y = AveragePooling1D(poolSize: 2)(x)      // [batch, 50, 8]
///
/// - Input: `[batch, length, channels]`; output the same rank and channels. No weights.
public final class AveragePooling1D: AveragePooling {
  override class var spatialRank: Int { 1 }
}

/// The mean of each window of images: `averagePool2d(x, size: poolSize)`; padding does not count.
///
///     let x = Input(shape: [28, 28, 32])
///     let y = AveragePooling2D(poolSize: 2)(x)      // [batch, 14, 14, 32]
///
/// - Input: `[batch, height, width, channels]`; output the same rank and channels. No weights.
public final class AveragePooling2D: AveragePooling {
  override class var spatialRank: Int { 2 }
}

/// The mean of each window of volumes: `averagePool3d(x, size: poolSize)`; padding does not count.
///
///     let x = Input(shape: [8, 16, 16, 4])
///     let y = AveragePooling3D(poolSize: 2)(x)      // [batch, 4, 8, 8, 4]
///
/// - Input: `[batch, depth, height, width, channels]`; output the same rank and channels. No weights.
public final class AveragePooling3D: AveragePooling {
  override class var spatialRank: Int { 3 }
}
