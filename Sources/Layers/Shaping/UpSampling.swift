public import Gnomon

/// Each position repeated along the spatial axes.
///
/// - Input: `[batch, sizes..., channels]`; output the same rank, larger.
public class UpSampling: Layer {
  public let size: [Int]

  init(rank: Int, size: PerAxis, inputShape: [Dim]?, name: String?) {
    self.size = size.spread(over: rank)
    super.init(name: name, inputShape: inputShape)
    inputSpec = InputSpec(rank: rank + 2)
  }

  public override func call(_ x: Expr) -> Expr {
    size.enumerated().reduce(x) { y, n in y.repeated(n.element, axis: n.offset + 1) }
  }
}

/// `UpSampling` of sequences `[batch, length, channels]`.
public final class UpSampling1D: UpSampling {
  public init(size: PerAxis = 2, inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(rank: 1, size: size, inputShape: inputShape, name: name)
  }
}

/// `UpSampling` of images `[batch, height, width, channels]`.
public final class UpSampling2D: UpSampling {
  public init(size: PerAxis = 2, inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(rank: 2, size: size, inputShape: inputShape, name: name)
  }
}

/// `UpSampling` of volumes `[batch, depth, height, width, channels]`.
public final class UpSampling3D: UpSampling {
  public init(size: PerAxis = 2, inputShape: [Dim]? = nil, name: String? = nil) {
    super.init(rank: 3, size: size, inputShape: inputShape, name: name)
  }
}
