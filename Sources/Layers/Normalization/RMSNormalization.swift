public import Gnomon

/// Each example divided by its root mean square over an axis, then scaled: `γ x / √(mean(x²) + ε)`.
///
///     let x = Input(shape: [10, 64])
///     let y = RMSNormalization()(x)                 // [batch, 10, 64]
///
/// - Input: any shape; output the same.
/// - Weights: `scale`, the size of the axis.
/// - See Zhang and Sennrich, *Root Mean Square Layer Normalization*, 2019.
public final class RMSNormalization: Layer {
  public let axis: Int
  public let epsilon: Double
  private var scale: Expr!

  public init(axis: Int = -1, epsilon: Double = 1e-6, name: String? = nil) {
    self.axis = axis
    self.epsilon = epsilon
    super.init(name: name)
    inputSpec = InputSpec(minimumRank: 2)
  }

  public override func build(inputShape: [Dim]) {
    scale = addWeight(
      "scale", shape: [inputShape[axis.counted(inputShape.count)]], initializer: .ones)
  }

  public override func call(_ x: Expr) -> Expr {
    let power = mean(square(x), axes: [axis], keepDims: true)
    return x * rsqrt(power + Expr(epsilon)) * x.alongAxis(axis.counted(x.rank))(scale)
  }

  public override var supportsMasking: Bool { true }
}

/// Each example divided by its length over axes: `x / ‖x‖`.
///
///     let x = Input(shape: [64])
///     let y = UnitNormalization()(x)                // [batch, 64]
///
/// - Input: any shape; output the same. No weights.
public final class UnitNormalization: Layer {
  public let axes: [Int]

  public init(axes: [Int] = [-1], name: String? = nil) {
    self.axes = axes
    super.init(name: name)
  }

  public override func call(_ x: Expr) -> Expr {
    x * rsqrt(maximum(sum(square(x), axes: axes, keepDims: true), 1e-12))
  }

  public override var supportsMasking: Bool { true }
}
