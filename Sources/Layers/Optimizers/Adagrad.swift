public import Gnomon

/// Each gradient over the root of the sum of all its squares: `a ← a + g²`,
/// `p ← p - rate g / sqrt(a + epsilon)`.
///
/// Duchi, Hazan, Singer: *Adaptive Subgradient Methods for Online Learning* (2011).
public struct Adagrad: UpdateRule, Hashable, Codable {
  public var initialAccumulator: Double
  public var epsilon: Double
  public var name: String { "adagrad" }

  public init(initialAccumulator: Double = 0.1, epsilon: Double = 1e-7) {
    self.initialAccumulator = initialAccumulator
    self.epsilon = epsilon
  }

  public func slots(for parameter: Expr) -> [Slot] {
    [Slot("accumulator", like: parameter, filledWith: initialAccumulator)]
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    let sum = slots[0] + square(g)
    return ParameterUpdate(p - step.rate * g / sqrt(sum + Expr(epsilon)), slots: [sum])
  }
}

/// Adagrad over a window: each gradient over the root of the mean of its recent squares, times the root
/// of the mean of recent squared changes. Zeiler: *ADADELTA: An Adaptive Learning Rate Method* (2012).
public struct Adadelta: UpdateRule, Hashable, Codable {
  public var rho: Double
  public var epsilon: Double
  public var name: String { "adadelta" }

  public init(rho: Double = 0.95, epsilon: Double = 1e-7) {
    self.rho = rho
    self.epsilon = epsilon
  }

  public func slots(for parameter: Expr) -> [Slot] {
    [Slot("accumulated_grad", like: parameter), Slot("accumulated_delta_var", like: parameter)]
  }

  public func update(
    _ p: Expr, gradient g: Expr, slots: [Expr], _ step: UpdateStep
  ) -> ParameterUpdate {
    func root(_ x: Expr) -> Expr { sqrt(x + Expr(epsilon)) }
    let squares = Expr(rho) * slots[0] + Expr(1 - rho) * square(g)
    let change = -(root(slots[1]) * g / root(squares))
    let changes = Expr(rho) * slots[1] + Expr(1 - rho) * square(change)
    return ParameterUpdate(p + step.rate * change, slots: [squares, changes])
  }
}

extension Optimizer {
  /// Each gradient over the root of the sum of all its squares. See `Adagrad`.
  public static func adagrad(
    learningRate: some LearningRate = 0.001, initialAccumulator: Double = 0.1,
    epsilon: Double = 1e-7
  ) -> Optimizer {
    Optimizer(
      Adagrad(initialAccumulator: initialAccumulator, epsilon: epsilon), learningRate: learningRate)
  }

  /// Steps of the size of recent changes. See `Adadelta`.
  public static func adadelta(
    learningRate: some LearningRate = 0.001, rho: Double = 0.95, epsilon: Double = 1e-7
  ) -> Optimizer {
    Optimizer(Adadelta(rho: rho, epsilon: epsilon), learningRate: learningRate)
  }
}
