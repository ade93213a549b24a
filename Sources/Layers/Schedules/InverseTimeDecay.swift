public import Gnomon

/// `initial / (1 + rate · step / steps)`.
public struct InverseTimeDecay: LearningRate, Hashable, Codable {
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
    Expr(initial) / (1 + Expr(rate) * progress(step, steps, staircase: staircase))
  }
}

extension LearningRate where Self == InverseTimeDecay {
  /// `initial / (1 + rate · step / steps)`.
  public static func inverseTimeDecay(
    _ initial: Double, steps: Int, rate: Double, staircase: Bool = false
  ) -> InverseTimeDecay {
    InverseTimeDecay(initial, steps: steps, rate: rate, staircase: staircase)
  }
}
