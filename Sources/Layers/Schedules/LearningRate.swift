public import Gnomon

/// How far an optimizer goes, as a formula of the step.
///
///     .adam(learningRate: 0.001)
///     .sgd(learningRate: .exponentialDecay(0.1, steps: 1000, rate: 0.5))
///
/// A number is a rate that callbacks may change (`model.optimizer.learningRate = 0.01`); a schedule is
/// computed within the compiled step, from the number of steps made.
public protocol LearningRate: Sendable {
  /// The rate of a step.
  ///
  /// - Parameter step: the number of steps made before, a float32 scalar.
  /// - Returns: a float32 scalar.
  func rate(at step: Expr) -> Expr

  /// The rate if it is the same in each step; nil for a schedule.
  var constant: Double? { get }
}

extension LearningRate {
  public var constant: Double? { nil }
}

extension Double: LearningRate {
  public func rate(at step: Expr) -> Expr { .full(self, .float32, []) }
  public var constant: Double? { self }
}

/// The number of steps so far as a share of `steps`, whole ones only if `staircase`.
func progress(_ step: Expr, _ steps: Int, staircase: Bool = false) -> Expr {
  let share = step / Expr(Double(Swift.max(steps, 1)))
  return staircase ? floor(share) : share
}
