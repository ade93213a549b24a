public import Gnomon

/// Each example without some positions at its edges.
///
/// - Input: `[batch, sizes..., channels]`; output the same rank, smaller.
public class Cropping: Layer {
  /// For each spatial axis how many positions go at its start and end.
  public let cropping: [(Int, Int)]

  init(rank: Int, cropping: [(Int, Int)], inputShape: [Dim]?, name: String?) {
    self.cropping = cropping.count == 1 ? Array(repeating: cropping[0], count: rank) : cropping
    super.init(name: name, inputShape: inputShape)
    inputSpec = InputSpec(rank: rank + 2)
  }

  public override func call(_ x: Expr) -> Expr {
    cropping.enumerated().reduce(x) { y, crop in
      y.cropped(axis: crop.offset + 1, start: crop.element.0, end: crop.element.1)
    }
  }
}

/// `Cropping` of sequences `[batch, length, channels]`.
public final class Cropping1D: Cropping {
  /// As much at each end of every spatial axis.
  public init(_ cropping: Int = 1, inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(
      rank: 1, cropping: [(cropping, cropping)], inputShape: inputShape, name: name)
  }

  /// So much before and after each spatial axis.
  public init(_ cropping: [(Int, Int)], inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(rank: 1, cropping: cropping, inputShape: inputShape, name: name)
  }
}

/// `Cropping` of images `[batch, height, width, channels]`.
public final class Cropping2D: Cropping {
  /// As much at each end of every spatial axis.
  public init(_ cropping: Int = 1, inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(
      rank: 2, cropping: [(cropping, cropping)], inputShape: inputShape, name: name)
  }

  /// So much before and after each spatial axis.
  public init(_ cropping: [(Int, Int)], inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(rank: 2, cropping: cropping, inputShape: inputShape, name: name)
  }
}

/// `Cropping` of volumes `[batch, depth, height, width, channels]`.
public final class Cropping3D: Cropping {
  /// As much at each end of every spatial axis.
  public init(_ cropping: Int = 1, inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(
      rank: 3, cropping: [(cropping, cropping)], inputShape: inputShape, name: name)
  }

  /// So much before and after each spatial axis.
  public init(_ cropping: [(Int, Int)], inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(rank: 3, cropping: cropping, inputShape: inputShape, name: name)
  }
}
