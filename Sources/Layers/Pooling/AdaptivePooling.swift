public import Gnomon

/// Pooling to a fixed number of windows, whatever the size of the input: window `i` of `k` over `n`
/// positions reaches from `⌊i n / k⌋` up to `⌈(i + 1) n / k⌉`.
///
/// - Input: `[batch, sizes..., channels]`, the sizes known; output `[batch, outputSize..., channels]`.
public class AdaptivePooling: Layer {
  public let outputSize: [Int]

  init(rank: Int, outputSize: PerAxis, name: String?) {
    self.outputSize = outputSize.spread(over: rank)
    super.init(name: name)
    inputSpec = InputSpec(rank: rank + 2)
  }

  /// The reduction of one window along one axis.
  func reduced(_ x: Expr, axis: Int) -> Expr { x }

  public override func call(_ x: Expr) -> Expr {
    var y = x
    for (i, k) in outputSize.enumerated() {
      let axis = i + 1
      guard let n = x.shape[axis].constant, k > 0, n > 0 else {
        return refused(
          .layerInput, "axis \(axis) must have a known size and at least one window", [x],
          help: "give the input a fixed size there", at: .here())
      }
      let windows = (0..<k).map { j in
        let bounds = (j * n / k)..<(((j + 1) * n + k - 1) / k)
        return reduced(y.sliced(axis: axis, bounds), axis: axis)
      }
      y = concatenate(windows, axis: axis)
    }
    return y
  }
}

/// The largest element of each of `outputSize` windows of sequences `[batch, length, channels]`.
public final class AdaptiveMaxPooling1D: AdaptivePooling {
  public init(outputSize: PerAxis, name: String? = nil) {
    super.init(rank: 1, outputSize: outputSize, name: name)
  }

  override func reduced(_ x: Expr, axis: Int) -> Expr {
    max(x, axes: [axis], keepDims: true)
  }
}

/// The largest element of each of `outputSize` windows of images `[batch, height, width, channels]`.
public final class AdaptiveMaxPooling2D: AdaptivePooling {
  public init(outputSize: PerAxis, name: String? = nil) {
    super.init(rank: 2, outputSize: outputSize, name: name)
  }

  override func reduced(_ x: Expr, axis: Int) -> Expr {
    max(x, axes: [axis], keepDims: true)
  }
}

/// The largest element of each of `outputSize` windows of volumes `[batch, depth, height, width, channels]`.
public final class AdaptiveMaxPooling3D: AdaptivePooling {
  public init(outputSize: PerAxis, name: String? = nil) {
    super.init(rank: 3, outputSize: outputSize, name: name)
  }

  override func reduced(_ x: Expr, axis: Int) -> Expr {
    max(x, axes: [axis], keepDims: true)
  }
}

/// The mean of each of `outputSize` windows of sequences `[batch, length, channels]`.
public final class AdaptiveAveragePooling1D: AdaptivePooling {
  public init(outputSize: PerAxis, name: String? = nil) {
    super.init(rank: 1, outputSize: outputSize, name: name)
  }

  override func reduced(_ x: Expr, axis: Int) -> Expr {
    mean(x, axes: [axis], keepDims: true)
  }
}

/// The mean of each of `outputSize` windows of images `[batch, height, width, channels]`.
public final class AdaptiveAveragePooling2D: AdaptivePooling {
  public init(outputSize: PerAxis, name: String? = nil) {
    super.init(rank: 2, outputSize: outputSize, name: name)
  }

  override func reduced(_ x: Expr, axis: Int) -> Expr {
    mean(x, axes: [axis], keepDims: true)
  }
}

/// The mean of each of `outputSize` windows of volumes `[batch, depth, height, width, channels]`.
public final class AdaptiveAveragePooling3D: AdaptivePooling {
  public init(outputSize: PerAxis, name: String? = nil) {
    super.init(rank: 3, outputSize: outputSize, name: name)
  }

  override func reduced(_ x: Expr, axis: Int) -> Expr {
    mean(x, axes: [axis], keepDims: true)
  }
}
