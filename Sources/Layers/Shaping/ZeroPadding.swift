public import Gnomon

/// Zeros around each example's positions.
///
/// - Input: `[batch, sizes..., channels]`; output the same rank, larger.
public class ZeroPadding: Layer {
  /// For each spatial axis how many zeros go before and after.
  public let padding: [(Int, Int)]

  init(rank: Int, padding: [(Int, Int)], inputShape: [Dim]?, name: String?) {
    self.padding = padding.count == 1 ? Array(repeating: padding[0], count: rank) : padding
    super.init(name: name, inputShape: inputShape)
    inputSpec = InputSpec(rank: rank + 2)
  }

  public override func call(_ x: Expr) -> Expr { x.padded([(0, 0)] + padding + [(0, 0)]) }
}

/// `ZeroPadding` of sequences `[batch, length, channels]`.
public final class ZeroPadding1D: ZeroPadding {
  /// As much at each end of every spatial axis.
  public init(_ padding: Int = 1, inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(
      rank: 1, padding: [(padding, padding)], inputShape: inputShape, name: name)
  }

  /// So much before and after each spatial axis.
  public init(_ padding: [(Int, Int)], inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(rank: 1, padding: padding, inputShape: inputShape, name: name)
  }
}

/// `ZeroPadding` of images `[batch, height, width, channels]`.
public final class ZeroPadding2D: ZeroPadding {
  /// As much at each end of every spatial axis.
  public init(_ padding: Int = 1, inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(
      rank: 2, padding: [(padding, padding)], inputShape: inputShape, name: name)
  }

  /// So much before and after each spatial axis.
  public init(_ padding: [(Int, Int)], inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(rank: 2, padding: padding, inputShape: inputShape, name: name)
  }
}

/// `ZeroPadding` of volumes `[batch, depth, height, width, channels]`.
public final class ZeroPadding3D: ZeroPadding {
  /// As much at each end of every spatial axis.
  public init(_ padding: Int = 1, inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(
      rank: 3, padding: [(padding, padding)], inputShape: inputShape, name: name)
  }

  /// So much before and after each spatial axis.
  public init(_ padding: [(Int, Int)], inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(rank: 3, padding: padding, inputShape: inputShape, name: name)
  }
}
