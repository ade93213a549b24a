public import Gnomon

/// The mean of each channel of sequences: `[batch, length, channels]` to `[batch, channels]`.
///
/// Steps that a mask excludes do not count.
public final class GlobalAveragePooling1D: GlobalAveragePooling {
  public init(keepDims: Bool = false, name: String? = nil) {
    super.init(rank: 1, keepDims: keepDims, name: name)
  }

  public override func call(_ x: Expr) -> Expr {
    guard let mask = x.mask else { return super.call(x) }
    let counts = mask.cast(to: x.dtype).expanded(axis: 2)
    return sum(x * counts, axes: 1, keepDims: keepDims) / sum(counts, axes: 1, keepDims: keepDims)
  }

  public override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? { nil }
}

/// The mean of each channel of images: `[batch, height, width, channels]` to `[batch, channels]`.
public final class GlobalAveragePooling2D: GlobalAveragePooling {
  public init(keepDims: Bool = false, name: String? = nil) {
    super.init(rank: 2, keepDims: keepDims, name: name)
  }
}

/// The mean of each channel of volumes: `[batch, depth, height, width, channels]` to `[batch, channels]`.
public final class GlobalAveragePooling3D: GlobalAveragePooling {
  public init(keepDims: Bool = false, name: String? = nil) {
    super.init(rank: 3, keepDims: keepDims, name: name)
  }
}

/// The mean of each channel over all positions.
public class GlobalAveragePooling: Layer {
  /// Whether the axes that were reduced stay, with size 1.
  public let keepDims: Bool
  private let axes: [Int]

  init(rank: Int, keepDims: Bool, name: String?) {
    self.keepDims = keepDims
    axes = Array(1...rank)
    super.init(name: name)
    inputSpec = InputSpec(rank: rank + 2)
  }

  public override func call(_ x: Expr) -> Expr { mean(x, axes: axes, keepDims: keepDims) }
}
