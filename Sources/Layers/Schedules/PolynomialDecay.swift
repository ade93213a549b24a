public import Gnomon

/// From an initial rate to an end, `(initial - end) · (1 - step / steps)^power + end`.
public struct PolynomialDecay: LearningRate, Hashable, Codable {
  public var initial: Double
  public var steps: Int
  public var end: Double
  public var power: Double
  /// Whether, at the end, the rate rises and falls again over a multiple of the steps, rather than stay.
  public var cycles: Bool

  public init(
    _ initial: Double, steps: Int, end: Double = 0.0001, power: Double = 1, cycles: Bool = false
  ) {
    self.initial = initial
    self.steps = steps
    self.end = end
    self.power = power
    self.cycles = cycles
  }

  public func rate(at step: Expr) -> Expr {
    let all = Expr(Double(Swift.max(steps, 1)))
    let share: Expr
    if cycles {
      let turns = select(step .== 0, 1, ceil(step / all))
      share = step / (all * turns)
    } else {
      share = minimum(step, all) / all
    }
    return Expr(initial - end) * Gnomon.power(1 - share, Expr(power)) + Expr(end)
  }
}

extension LearningRate where Self == PolynomialDecay {
  /// `(initial - end) · (1 - step / steps)^power + end`.
  public static func polynomialDecay(
    _ initial: Double, steps: Int, end: Double = 0.0001, power: Double = 1, cycles: Bool = false
  ) -> PolynomialDecay {
    PolynomialDecay(initial, steps: steps, end: end, power: power, cycles: cycles)
  }
}
