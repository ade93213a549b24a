public import Gnomon

/// A fully connected layer: `activation(x · kernel + bias)`.
///
///     let x = Input(shape: [784])
///     let y = Dense(64, activation: .relu)(x)       // [batch, 64]
///
/// - Input: `[..., n]`; output `[..., units]`.
/// - Weights: `kernel` `[n, units]`, `bias` `[units]`.
open class Dense: Layer {
  public let units: Int
  public let activation: ActivationFunction?
  public let useBias: Bool
  private let kernelInitializer: any Initializer
  private let biasInitializer: any Initializer
  private let kernelRegularizer: (any Regularizer)?
  private let biasRegularizer: (any Regularizer)?
  private let activityRegularizer: (any Regularizer)?
  private let kernelConstraint: (any Constraint)?
  private let biasConstraint: (any Constraint)?
  public internal(set) var kernel: Expr!
  public private(set) var bias: Expr?

  public init(
    _ units: Int, activation: ActivationFunction? = nil, useBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    inputShape: [Dim]? = nil, name: String? = nil, dtype: DType? = nil
  ) {
    self.units = units
    self.activation = activation
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    self.kernelRegularizer = kernelRegularizer
    self.biasRegularizer = biasRegularizer
    self.activityRegularizer = activityRegularizer
    self.kernelConstraint = kernelConstraint
    self.biasConstraint = biasConstraint
    super.init(name: name, inputShape: inputShape, dtype: dtype)
    inputSpec = InputSpec(minimumRank: 2)
  }

  open override func build(inputShape: [Dim]) {
    kernel = addWeight(
      "kernel", shape: [inputShape[inputShape.count - 1], Dim(units)],
      initializer: kernelInitializer, regularizer: kernelRegularizer, constraint: kernelConstraint)
    guard useBias else { return }
    bias = addWeight(
      "bias", shape: [Dim(units)], initializer: biasInitializer, regularizer: biasRegularizer,
      constraint: biasConstraint)
  }

  open override func call(_ x: Expr) -> Expr {
    let product = matmul(x, kernel)
    let y = (bias.map { product + $0 } ?? product).activated(by: activation)
    if let activityRegularizer { addActivityLoss(activityRegularizer, y) }
    return y
  }

  open override var supportsMasking: Bool { true }
}
