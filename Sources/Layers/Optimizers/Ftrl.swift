public import Gnomon

/// Follow the regularized leader: small weights become exactly 0.
///
/// McMahan and others: *Ad Click Prediction: a View from the Trenches* (2013).
public struct Ftrl: UpdateRule, Hashable, Codable {
  /// At most 0.
  public var learningRatePower: Double
  public var initialAccumulator: Double
  public var l1: Double
  public var l2: Double
  public var l2Shrinkage: Double
  public var beta: Double
  public var name: String { "ftrl" }

  public init(
    learningRatePower: Double = -0.5, initialAccumulator: Double = 0.1, l1: Double = 0,
    l2: Double = 0, l2Shrinkage: Double = 0, beta: Double = 0
  ) {
    self.learningRatePower = learningRatePower
    self.initialAccumulator = initialAccumulator
    self.l1 = l1
    self.l2 = l2
    self.l2Shrinkage = l2Shrinkage
    self.beta = beta
  }

  public func slots(for parameter: Expr) -> [Slot] {
    [
      Slot("accumulator", like: parameter, filledWith: initialAccumulator),
      Slot("linear", like: parameter),
    ]
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    func powered(_ x: Expr) -> Expr { power(x, Expr(-learningRatePower)) }
    let penalty = Expr(l2) + Expr(beta) / (2 * step.rate)
    let shrunk = l2Shrinkage == 0 ? g : g + Expr(2 * l2Shrinkage) * p
    let sum = slots[0] + square(g)
    let linear = slots[1] + shrunk - (powered(sum) - powered(slots[0])) / step.rate * p
    let quadratic = powered(sum) / step.rate + 2 * penalty
    let new = (clip(linear, Expr(-l1), Expr(l1)) - linear) / quadratic
    return ParameterUpdate(new, slots: [sum, linear])
  }
}

extension Optimizer {
  /// Follow the regularized leader. See `Ftrl`.
  public static func ftrl(
    learningRate: some LearningRate = 0.001, learningRatePower: Double = -0.5,
    initialAccumulator: Double = 0.1, l1: Double = 0, l2: Double = 0, l2Shrinkage: Double = 0,
    beta: Double = 0
  ) -> Optimizer {
    Optimizer(
      Ftrl(
        learningRatePower: learningRatePower, initialAccumulator: initialAccumulator, l1: l1,
        l2: l2, l2Shrinkage: l2Shrinkage, beta: beta), learningRate: learningRate)
  }
}
