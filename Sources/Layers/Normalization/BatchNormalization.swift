public import Gnomon

/// Each channel brought to mean 0 and variance 1 over the batch, then scaled and shifted:
/// `γ (x - μ) / √(σ² + ε) + β`.
///
///     let x = Input(shape: [28, 28, 8])
///     let y = BatchNormalization(momentum: 0.9)(x)  // [batch, 28, 28, 8]
///
/// In training μ and σ² are those of the batch, and moving averages of them are kept; in inference, and
/// where the layer is not `trainable` when its model is compiled, they are the moving averages. Steps that a mask excludes do not count.
///
/// - Input: any shape with the channels at `axis`; output the same.
/// - Weights: `gamma`, `beta`, and not trained `moving_mean` and `moving_variance`, each `[channels]`.
/// - See Ioffe and Szegedy, *Batch Normalization*, 2015.
open class BatchNormalization: Layer {
  public let axis: Int
  public let momentum: Double
  public let epsilon: Double
  public let center: Bool
  public let scale: Bool
  private let betaInitializer: any Initializer
  private let gammaInitializer: any Initializer
  private let betaRegularizer: (any Regularizer)?
  private let gammaRegularizer: (any Regularizer)?
  private let betaConstraint: (any Constraint)?
  private let gammaConstraint: (any Constraint)?
  private var gamma: Expr?
  private var beta: Expr?
  private var movingMean: Expr!
  private var movingVariance: Expr!

  public init(
    axis: Int = -1, momentum: Double = 0.99, epsilon: Double = 1e-3, center: Bool = true,
    scale: Bool = true, betaInitializer: any Initializer = .zeros,
    gammaInitializer: any Initializer = .ones, betaRegularizer: (any Regularizer)? = nil,
    gammaRegularizer: (any Regularizer)? = nil, betaConstraint: (any Constraint)? = nil,
    gammaConstraint: (any Constraint)? = nil, inputShape: [Dim]? = nil, name: String? = nil
  ) {
    self.axis = axis
    self.momentum = momentum
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
    self.betaInitializer = betaInitializer
    self.gammaInitializer = gammaInitializer
    self.betaRegularizer = betaRegularizer
    self.gammaRegularizer = gammaRegularizer
    self.betaConstraint = betaConstraint
    self.gammaConstraint = gammaConstraint
    super.init(name: name, inputShape: inputShape)
    inputSpec = InputSpec(minimumRank: 2)
  }

  open override func build(inputShape: [Dim]) {
    let channels = inputShape[axis.counted(inputShape.count)]
    if scale {
      gamma = addWeight(
        "gamma", shape: [channels], initializer: gammaInitializer, regularizer: gammaRegularizer,
        constraint: gammaConstraint)
    }
    if center {
      beta = addWeight(
        "beta", shape: [channels], initializer: betaInitializer, regularizer: betaRegularizer,
        constraint: betaConstraint)
    }
    movingMean = addWeight(
      "moving_mean", shape: [channels], initializer: .zeros, trainable: false)
    movingVariance = addWeight(
      "moving_variance", shape: [channels], initializer: .ones, trainable: false)
  }

  open override func call(_ x: Expr) -> Expr {
    let (mean, variance) = isTrainedHere ? tracked(moments(x)) : (movingMean!, movingVariance!)
    let along = x.alongAxis(axis.counted(x.rank))
    var factor = rsqrt(variance + Expr(epsilon))
    if let gamma { factor = gamma * factor }
    let y = (x - along(mean)) * along(factor)
    return beta.map { y + along($0) } ?? y
  }

  /// Mean and variance of each channel of the batch.
  private func moments(_ x: Expr) -> (Expr, Expr) {
    let axis = axis.counted(x.rank)
    let others = (0..<x.rank).filter { $0 != axis }
    let along = x.alongAxis(axis)
    guard let mask = x.mask else {
      let m = mean(x, axes: others)
      return (m, mean(square(x - along(m)), axes: others))
    }
    var counts = mask.cast(to: x.dtype)
    for _ in mask.rank..<x.rank { counts = counts.expanded(axis: -1) }
    counts = counts.broadcast(to: x.shape)
    let total = sum(counts, axes: others)
    let m = sum(x * counts, axes: others) / total
    return (m, sum(square(x - along(m)) * counts, axes: others) / total)
  }

  /// The moments to use: in training the batch's, with which the moving averages move.
  private func tracked(_ batch: (mean: Expr, variance: Expr)) -> (Expr, Expr) {
    let momentum = momentum
    addUpdate(movingMean) { old in momentum * old + (1 - momentum) * batch.mean }
    addUpdate(movingVariance) { old in momentum * old + (1 - momentum) * batch.variance }
    return branch(
      .training, then: { (batch.mean, batch.variance) },
      else: { (movingMean, movingVariance) })
  }

  open override var supportsMasking: Bool { true }
  package override var formulaFollowsTrainable: Bool { true }
}

extension Int {
  /// The axis that this number means in a tensor of `rank`: negative ones count from the end.
  package func counted(_ rank: Int) -> Int { self < 0 ? self + rank : self }
}

extension Expr {
  /// Vectors as tensors that broadcast to this one along `axis`.
  package func alongAxis(_ axis: Int) -> (Expr) -> Expr {
    let trailing = rank - 1 - axis
    return { v in
      trailing == 0 ? v : v.reshaped(v.shape + Array(repeating: 1, count: trailing))
    }
  }
}
