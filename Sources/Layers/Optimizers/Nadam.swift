public import Gnomon

/// Adam with Nesterov's momentum, whose factor `uₜ = β₁ (1 - 0.96ᵗ / 2)` rises with the steps.
///
/// `p ← p - rate m̂ / (sqrt(v / (1 - β₂ᵗ)) + epsilon)`, with
/// `m̂ = uₜ₊₁ m / (1 - u₁…uₜ₊₁) + (1 - uₜ) g / (1 - u₁…uₜ)`. Dozat: *Incorporating Nesterov Momentum
/// into Adam* (2015).
public struct Nadam: UpdateRule, Hashable, Codable {
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var name: String { "nadam" }

  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  public func slots(for parameter: Expr) -> [Slot] {
    [Slot("momentum", like: parameter), Slot("velocity", like: parameter)]
  }

  /// The product of all factors so far.
  public var sharedSlots: [Slot] { [Slot("factors", .full(1, .float32, []))] }

  public func sharedUpdate(_ slots: [Expr], _ step: UpdateStep) -> [Expr] {
    [slots[0] * factor(step.number)]
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    let (now, next) = (factor(step.number), factor(step.number + 1))
    let product = step.shared[0]
    let m = slots[0] + Expr(1 - beta1) * (g - slots[0])
    let v = slots[1] + Expr(1 - beta2) * (square(g) - slots[1])
    let ahead = (next / (1 - product * next)) * m + ((1 - now) / (1 - product)) * g
    let root = sqrt(v / (1 - power(Expr(beta2), step.number)))
    return ParameterUpdate(p - ahead * step.rate / (root + Expr(epsilon)), slots: [m, v])
  }

  private func factor(_ number: Expr) -> Expr {
    Expr(beta1) * (1 - 0.5 * power(0.96, number))
  }
}

extension Optimizer {
  /// Adam with Nesterov's momentum. See `Nadam`.
  public static func nadam(
    learningRate: some LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7
  ) -> Optimizer {
    Optimizer(Nadam(beta1: beta1, beta2: beta2, epsilon: epsilon), learningRate: learningRate)
  }
}
