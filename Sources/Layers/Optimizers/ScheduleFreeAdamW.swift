public import Gnomon

/// Adam that needs no schedule: gradients are taken between the running mean of all points and the
/// newest one. Defazio and others: *The Road Less Scheduled* (2024).
public struct ScheduleFreeAdamW: UpdateRule, Hashable, Codable {
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var warmupSteps: Int
  public var name: String { "schedule_free_adamw" }

  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, warmupSteps: Int = 0
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.warmupSteps = warmupSteps
  }

  public func slots(for parameter: Expr) -> [Slot] {
    [Slot("momentum", parameter.value), Slot("velocity", like: parameter)]
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    var rate = step.rate
    if warmupSteps > 0 { rate = rate * minimum(step.number / Expr(Double(warmupSteps)), 1) }
    let v = slots[1] + Expr(1 - beta2) * (square(g) - slots[1])
    let root = sqrt(v / (1 - power(Expr(beta2), step.number))) + Expr(epsilon)
    let newest = slots[0] - rate * g / root
    let weight = 1 / step.number
    let mean = (p - Expr(1 - beta1) * slots[0]) / Expr(beta1)
    let newMean = (1 - weight) * mean + weight * newest
    return ParameterUpdate(
      Expr(1 - beta1) * newest + Expr(beta1) * newMean, slots: [newest, v])
  }
}

extension Optimizer {
  /// Adam that needs no schedule. See `ScheduleFreeAdamW`.
  public static func scheduleFreeAdamW(
    learningRate: some LearningRate = 0.0025, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, warmupSteps: Int = 0
  ) -> Optimizer {
    Optimizer(
      ScheduleFreeAdamW(
        beta1: beta1, beta2: beta2, epsilon: epsilon, warmupSteps: warmupSteps),
      learningRate: learningRate)
  }
}
