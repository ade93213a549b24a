public import Gnomon

/// Each gradient over the root of the mean of its recent squares:
/// `v ← rho v + (1 - rho) g²`, `p ← p - rate g / sqrt(v + epsilon)`.
///
/// `centered` takes the square of the recent mean out of v; with `momentum` the steps add up.
/// Tieleman, Hinton: *Lecture 6.5 of Neural Networks for Machine Learning* (2012).
public struct RMSprop: UpdateRule, Hashable, Codable {
  public var rho: Double
  public var momentum: Double
  public var epsilon: Double
  public var centered: Bool
  public var name: String { "rmsprop" }

  public init(
    rho: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-7, centered: Bool = false
  ) {
    self.rho = rho
    self.momentum = momentum
    self.epsilon = epsilon
    self.centered = centered
  }

  public func slots(for parameter: Expr) -> [Slot] {
    var slots = [Slot("velocity", like: parameter)]
    if momentum > 0 { slots.append(Slot("momentum", like: parameter)) }
    if centered { slots.append(Slot("average_gradient", like: parameter)) }
    return slots
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    let velocity = Expr(rho) * slots[0] + Expr(1 - rho) * square(g)
    var new = [velocity]
    var average: Expr?
    var variance = velocity
    if centered {
      let a = Expr(rho) * slots[slots.count - 1] + Expr(1 - rho) * g
      variance = velocity - square(a)
      average = a
    }
    var change = step.rate * g / sqrt(variance + Expr(epsilon))
    if momentum > 0 {
      change = Expr(momentum) * slots[1] + change
      new.append(change)
    }
    if let average { new.append(average) }
    return ParameterUpdate(p - change, slots: new)
  }
}

extension Optimizer {
  /// Each gradient over the root of the mean of its recent squares. See `RMSprop`.
  public static func rmsprop(
    learningRate: some LearningRate = 0.001, rho: Double = 0.9, momentum: Double = 0,
    epsilon: Double = 1e-7, centered: Bool = false
  ) -> Optimizer {
    Optimizer(
      RMSprop(rho: rho, momentum: momentum, epsilon: epsilon, centered: centered),
      learningRate: learningRate)
  }
}
