public import Gnomon

/// A mean of recent gradients over the root of a mean of their squares, both corrected for their start
/// at 0: `m ← m + (1 - β₁)(g - m)`, `v ← v + (1 - β₂)(g² - v)`, `p ← p - α m / (sqrt(v) + epsilon)`, with
/// `α = rate · sqrt(1 - β₂ᵗ) / (1 - β₁ᵗ)`.
///
/// With `amsgrad` v is replaced by its largest value so far. Kingma, Ba: *Adam: A Method for Stochastic
/// Optimization* (2014); Reddi and others: *On the Convergence of Adam and Beyond* (2018).
public struct Adam: UpdateRule, Hashable, Codable {
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var amsgrad: Bool
  public var name: String

  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7, amsgrad: Bool = false,
    name: String = "adam"
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
    self.name = name
  }

  public func slots(for parameter: Expr) -> [Slot] {
    (["momentum", "velocity"] + (amsgrad ? ["velocity_hat"] : [])).map {
      Slot($0, like: parameter)
    }
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    let alpha =
      step.rate * sqrt(1 - power(Expr(beta2), step.number)) / (1 - power(Expr(beta1), step.number))
    let m = slots[0] + Expr(1 - beta1) * (g - slots[0])
    let v = slots[1] + Expr(1 - beta2) * (square(g) - slots[1])
    guard amsgrad else {
      return ParameterUpdate(p - m * alpha / (sqrt(v) + Expr(epsilon)), slots: [m, v])
    }
    let largest = maximum(slots[2], v)
    return ParameterUpdate(
      p - m * alpha / (sqrt(largest) + Expr(epsilon)), slots: [m, v, largest])
  }
}

extension Optimizer {
  /// Means of recent gradients over the root of means of their squares. See `Adam`.
  public static func adam(
    learningRate: some LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, amsgrad: Bool = false
  ) -> Optimizer {
    Optimizer(
      Adam(beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad),
      learningRate: learningRate)
  }

  /// Adam, with weights that decay by `rate · weightDecay` in each step, apart from the gradient.
  ///
  /// Loshchilov, Hutter: *Decoupled Weight Decay Regularization* (2019).
  public static func adamW(
    learningRate: some LearningRate = 0.001, weightDecay: Double = 0.004, beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-7, amsgrad: Bool = false
  ) -> Optimizer {
    Optimizer(
      Adam(beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad, name: "adamw"),
      learningRate: learningRate
    ).weightDecay(weightDecay)
  }
}
