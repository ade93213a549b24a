public import Gnomon

/// The largest element of each channel of sequences: `[batch, length, channels]` to `[batch, channels]`.
public final class GlobalMaxPooling1D: GlobalMaxPooling {
  public init(keepDims: Bool = false, name: String? = nil) {
    super.init(rank: 1, keepDims: keepDims, name: name)
  }
}

/// The largest element of each channel of images: `[batch, height, width, channels]` to `[batch, channels]`.
public final class GlobalMaxPooling2D: GlobalMaxPooling {
  public init(keepDims: Bool = false, name: String? = nil) {
    super.init(rank: 2, keepDims: keepDims, name: name)
  }
}

/// The largest element of each channel of volumes: `[batch, depth, height, width, channels]` to `[batch, channels]`.
public final class GlobalMaxPooling3D: GlobalMaxPooling {
  public init(keepDims: Bool = false, name: String? = nil) {
    super.init(rank: 3, keepDims: keepDims, name: name)
  }
}

/// The largest element of each channel over all positions.
public class GlobalMaxPooling: Layer {
  /// Whether the axes that were reduced stay, with size 1.
  public let keepDims: Bool
  private let axes: [Int]

  init(rank: Int, keepDims: Bool, name: String?) {
    self.keepDims = keepDims
    axes = Array(1...rank)
    super.init(name: name)
    inputSpec = InputSpec(rank: rank + 2)
  }

  public override func call(_ x: Expr) -> Expr { max(x, axes: axes, keepDims: keepDims) }
}
