internal import Foundation
public import Gnomon

/// Half a cosine from the initial rate to `alpha` times it, after a linear rise if one is asked for.
///
/// Loshchilov, Hutter: *SGDR: Stochastic Gradient Descent with Warm Restarts* (2017).
public struct CosineDecay: LearningRate, Hashable, Codable {
  public var initial: Double
  /// The steps of the fall.
  public var steps: Int
  /// What remains at the end, as a share.
  public var alpha: Double
  /// The rate at the end of the rise; nil for none.
  public var warmupTarget: Double?
  public var warmupSteps: Int

  public init(
    _ initial: Double, steps: Int, alpha: Double = 0, warmupTarget: Double? = nil,
    warmupSteps: Int = 0
  ) {
    self.initial = initial
    self.steps = steps
    self.alpha = alpha
    self.warmupTarget = warmupTarget
    self.warmupSteps = warmupSteps
  }

  public func rate(at step: Expr) -> Expr {
    guard let warmupTarget else { return fall(step, from: initial) }
    let rise = Expr(warmupTarget - initial) * progress(step, warmupSteps) + Expr(initial)
    let warmup = Expr(Double(warmupSteps))
    return select(step .< warmup, rise, fall(maximum(step - warmup, 0), from: warmupTarget))
  }

  private func fall(_ step: Expr, from rate: Double) -> Expr {
    let all = Expr(Double(Swift.max(steps, 1)))
    let cosine = 0.5 * (1 + cos(Expr(Double.pi) * (minimum(step, all) / all)))
    return Expr(rate) * (Expr(1 - alpha) * cosine + Expr(alpha))
  }
}

/// Cosine decays one after another, each longer, and lower, by a factor.
public struct CosineDecayRestarts: LearningRate, Hashable, Codable {
  public var initial: Double
  /// The steps of the first fall.
  public var firstSteps: Int
  /// How many times longer each fall is than the one before.
  public var stepFactor: Double
  /// How many times higher each fall begins than the one before.
  public var rateFactor: Double
  public var alpha: Double

  public init(
    _ initial: Double, firstSteps: Int, stepFactor: Double = 2, rateFactor: Double = 1,
    alpha: Double = 0
  ) {
    self.initial = initial
    self.firstSteps = firstSteps
    self.stepFactor = stepFactor
    self.rateFactor = rateFactor
    self.alpha = alpha
  }

  public func rate(at step: Expr) -> Expr {
    let share = progress(step, firstSteps)
    let restarts: Expr
    let done: Expr
    if stepFactor == 1 {
      restarts = floor(share)
      done = share - restarts
    } else {
      // The falls before are a geometric series.
      let f = Expr(stepFactor)
      restarts = floor(log(1 - share * Expr(1 - stepFactor)) / Expr(Foundation.log(stepFactor)))
      let longer = power(f, restarts)
      done = (share - (1 - longer) / Expr(1 - stepFactor)) / longer
    }
    let height = power(Expr(rateFactor), restarts)
    let cosine = 0.5 * height * (1 + cos(Expr(Double.pi) * done))
    return Expr(initial) * (Expr(1 - alpha) * cosine + Expr(alpha))
  }
}

extension LearningRate where Self == CosineDecay {
  /// Half a cosine from the initial rate to `alpha` times it.
  public static func cosineDecay(
    _ initial: Double, steps: Int, alpha: Double = 0, warmupTarget: Double? = nil,
    warmupSteps: Int = 0
  ) -> CosineDecay {
    CosineDecay(
      initial, steps: steps, alpha: alpha, warmupTarget: warmupTarget, warmupSteps: warmupSteps)
  }
}

extension LearningRate where Self == CosineDecayRestarts {
  /// Cosine decays one after another, each longer, and lower, by a factor.
  public static func cosineDecayRestarts(
    _ initial: Double, firstSteps: Int, stepFactor: Double = 2, rateFactor: Double = 1,
    alpha: Double = 0
  ) -> CosineDecayRestarts {
    CosineDecayRestarts(
      initial, firstSteps: firstSteps, stepFactor: stepFactor, rateFactor: rateFactor,
      alpha: alpha)
  }
}
