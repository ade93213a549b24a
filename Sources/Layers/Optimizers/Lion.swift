public import Gnomon

/// Steps of one size, in the direction of the sign: `p ← p - rate sign(β₁ m + (1 - β₁) g)`,
/// `m ← β₂ m + (1 - β₂) g`.
///
/// Chen and others: *Symbolic Discovery of Optimization Algorithms* (2023).
public struct Lion: UpdateRule, Hashable, Codable {
  public var beta1: Double
  public var beta2: Double
  public var name: String { "lion" }

  public init(beta1: Double = 0.9, beta2: Double = 0.99) {
    self.beta1 = beta1
    self.beta2 = beta2
  }

  public func slots(for parameter: Expr) -> [Slot] { [Slot("momentum", like: parameter)] }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    let m = slots[0]
    // A value that both need makes one kernel of them: gradient and momentum are read once.
    let change = g - m
    let direction = sign(m + Expr(1 - beta1) * change)
    return ParameterUpdate(
      p - step.rate * direction, slots: [m + Expr(1 - beta2) * change])
  }
}

extension Optimizer {
  /// Steps of one size, in the direction of the sign. See `Lion`.
  public static func lion(
    learningRate: some LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.99
  ) -> Optimizer {
    Optimizer(Lion(beta1: beta1, beta2: beta2), learningRate: learningRate)
  }
}
