public import Gnomon

/// Adam's step, scaled for each parameter to the parameter's own length; for large batches.
///
/// You and others: *Large Batch Optimization for Deep Learning* (2020).
public struct Lamb: UpdateRule, Hashable, Codable {
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var name: String { "lamb" }

  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  public func slots(for parameter: Expr) -> [Slot] {
    [Slot("momentum", like: parameter), Slot("velocity", like: parameter)]
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    let m = slots[0] + Expr(1 - beta1) * (g - slots[0])
    let v = slots[1] + Expr(1 - beta2) * (square(g) - slots[1])
    let mean = m / (1 - power(Expr(beta1), step.number))
    let root = sqrt(v / (1 - power(Expr(beta2), step.number))) + Expr(epsilon)
    let change = mean / root
    let (own, its) = (sqrt(sum(square(p))), sqrt(sum(square(change))))
    let ratio = select((own .> 0) .& (its .> 0), own / its, 1)
    return ParameterUpdate(p - ratio * step.rate * change, slots: [m, v])
  }
}

extension Optimizer {
  /// Adam's step, scaled to the length of each parameter. See `Lamb`.
  public static func lamb(
    learningRate: some LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7
  ) -> Optimizer {
    Optimizer(Lamb(beta1: beta1, beta2: beta2, epsilon: epsilon), learningRate: learningRate)
  }
}
