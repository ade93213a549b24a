public import Gnomon

/// Adam with the largest recent gradient in place of the root of the mean square:
/// `u ← max(β₂ u, |g|)`, `p ← p - rate m / ((1 - β₁ᵗ)(u + epsilon))`.
///
/// Kingma, Ba: *Adam: A Method for Stochastic Optimization* (2014), section 7.
public struct Adamax: UpdateRule, Hashable, Codable {
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var name: String { "adamax" }

  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  public func slots(for parameter: Expr) -> [Slot] {
    [Slot("momentum", like: parameter), Slot("norm", like: parameter)]
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    let m = slots[0] + Expr(1 - beta1) * (g - slots[0])
    let u = maximum(Expr(beta2) * slots[1], abs(g))
    let alpha = step.rate / (1 - power(Expr(beta1), step.number))
    return ParameterUpdate(p - alpha * m / (u + Expr(epsilon)), slots: [m, u])
  }
}

extension Optimizer {
  /// Adam with the largest recent gradient in place of the root of the mean square. See `Adamax`.
  public static func adamax(
    learningRate: some LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7
  ) -> Optimizer {
    Optimizer(Adamax(beta1: beta1, beta2: beta2, epsilon: epsilon), learningRate: learningRate)
  }
}
