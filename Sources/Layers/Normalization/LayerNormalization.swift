public import Gnomon

/// Each example brought to mean 0 and variance 1 over axes, then scaled and shifted:
/// `γ (x - μ) / √(σ² + ε) + β`.
///
///     let x = Input(shape: [10, 64])
///     let y = LayerNormalization()(x)               // [batch, 10, 64]
///
/// - Input: any shape; output the same.
/// - Weights: `gamma` and `beta`, the sizes of the normalized axes.
/// - See Ba, Kiros and Hinton, *Layer Normalization*, 2016.
open class LayerNormalization: Layer {
  public let axes: [Int]
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

  public init(
    axes: [Int] = [-1], epsilon: Double = 1e-3, center: Bool = true, scale: Bool = true,
    betaInitializer: any Initializer = .zeros, gammaInitializer: any Initializer = .ones,
    betaRegularizer: (any Regularizer)? = nil, gammaRegularizer: (any Regularizer)? = nil,
    betaConstraint: (any Constraint)? = nil, gammaConstraint: (any Constraint)? = nil,
    name: String? = nil
  ) {
    self.axes = axes
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
    self.betaInitializer = betaInitializer
    self.gammaInitializer = gammaInitializer
    self.betaRegularizer = betaRegularizer
    self.gammaRegularizer = gammaRegularizer
    self.betaConstraint = betaConstraint
    self.gammaConstraint = gammaConstraint
    super.init(name: name)
    inputSpec = InputSpec(minimumRank: 2)
  }

  open override func build(inputShape: [Dim]) {
    let shape = axes.map { inputShape[$0.counted(inputShape.count)] }
    if scale {
      gamma = addWeight(
        "gamma", shape: shape, initializer: gammaInitializer, regularizer: gammaRegularizer,
        constraint: gammaConstraint)
    }
    if center {
      beta = addWeight(
        "beta", shape: shape, initializer: betaInitializer, regularizer: betaRegularizer,
        constraint: betaConstraint)
    }
  }

  open override func call(_ x: Expr) -> Expr {
    let normalized = Set(axes.map { $0.counted(x.rank) })
    let shape = x.shape.indices.map { normalized.contains($0) ? x.shape[$0] : 1 }
    let first = normalized.min()!
    func aligned(_ w: Expr) -> Expr { w.reshaped(Array(shape[first...])) }
    return layerNormalization(
      x, scale: gamma.map(aligned), offset: beta.map(aligned), axes: axes, epsilon: epsilon)
  }

  open override var supportsMasking: Bool { true }
}
