public import Gnomon

/// The channels of each example in groups, each brought to mean 0 and variance 1, then scaled and shifted:
/// `γ (x - μ) / √(σ² + ε) + β`.
///
///     let x = Input(shape: [28, 28, 8])
///     let y = GroupNormalization(groups: 4)(x)      // [batch, 28, 28, 8]
///
/// With one group it normalizes the whole example, with as many groups as channels each channel.
///
/// - Input: `[batch, ..., channels]`; output the same.
/// - Weights: `gamma` and `beta` `[channels]`.
/// - See Wu and He, *Group Normalization*, 2018.
public final class GroupNormalization: Layer {
  public let groups: Int
  public let epsilon: Double
  public let center: Bool
  public let scale: Bool
  private var gamma: Expr?
  private var beta: Expr?

  /// - Parameter groups: a divisor of the number of channels; -1 is one group a channel.
  public init(
    groups: Int = 32, epsilon: Double = 1e-3, center: Bool = true, scale: Bool = true,
    name: String? = nil
  ) {
    self.groups = groups
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
    super.init(name: name)
    inputSpec = InputSpec(minimumRank: 2)
  }

  public override func build(inputShape: [Dim]) {
    let channels = inputShape[inputShape.count - 1]
    if scale { gamma = addWeight("gamma", shape: [channels], initializer: .ones) }
    if center { beta = addWeight("beta", shape: [channels], initializer: .zeros) }
  }

  public override func call(_ x: Expr) -> Expr {
    let channels = x.shape[x.rank - 1]
    let count = groups == -1 ? channels : Dim(groups)
    guard let size = channels.exactQuotient(by: count) else {
      return refused(
        .layerInput, "\(groups) groups do not divide \(channels) channels", [x],
        help: "choose groups: that divides the number of channels", at: .here())
    }
    let grouped = x.reshaped(x.shape.dropLast() + [count, size])
    let axes = (1..<grouped.rank).filter { $0 != grouped.rank - 2 }
    let y = layerNormalization(grouped, axes: axes, epsilon: epsilon).reshaped(x.shape)
    let scaled = gamma.map { y * $0 } ?? y
    return beta.map { scaled + $0 } ?? scaled
  }

  public override var supportsMasking: Bool { true }
}
