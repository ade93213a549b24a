public import Gnomon

/// `initial · rate^(step / steps)`.
public struct ExponentialDecay: LearningRate, Hashable, Codable {
  public var initial: Double
  public var steps: Int
  public var rate: Double
  /// Whether the rate falls once in `steps` steps rather than in each.
  public var staircase: Bool

  public init(_ initial: Double, steps: Int, rate: Double, staircase: Bool = false) {
    self.initial = initial
    self.steps = steps
    self.rate = rate
    self.staircase = staircase
  }

  public func rate(at step: Expr) -> Expr {
    Expr(initial) * power(Expr(rate), progress(step, steps, staircase: staircase))
  }
}

extension LearningRate where Self == ExponentialDecay {
  /// `initial · rate^(step / steps)`.
  public static func exponentialDecay(
    _ initial: Double, steps: Int, rate: Double, staircase: Bool = false
  ) -> ExponentialDecay {
    ExponentialDecay(initial, steps: steps, rate: rate, staircase: staircase)
  }
}
