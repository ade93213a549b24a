extension Optimizer {
  /// What happens to gradients and parameters around the rule, in this order: the loss scale is taken out,
  /// gradients are accumulated, clipped; parameters decay; the rule applies; averages are taken.
  public struct Options: Sendable {
    /// How gradients are kept small.
    public enum Clipping: Sendable, Hashable {
      /// Each element to ±value.
      case value(Double)
      /// Each gradient to this length.
      case norm(Double)
      /// All gradients together to this length.
      case globalNorm(Double)
    }

    public internal(set) var weightDecay: Double?
    public internal(set) var undecayed: [String] = []
    public internal(set) var clipping: Clipping?
    public internal(set) var averaging: (momentum: Double, overwritesEvery: Int?)?
    public internal(set) var accumulationSteps = 1
    public internal(set) var lossScale: Double?
    public internal(set) var dynamicScale: (initial: Double, growthSteps: Int)?
  }

  /// Parameters lose `rate · decay` of themselves in each step, apart from the gradient.
  ///
  /// - Parameter excluding: parameters whose names contain one of these do not decay.
  public func weightDecay(_ decay: Double, excluding: [String] = []) -> Optimizer {
    with {
      $0.weightDecay = decay
      $0.undecayed = excluding
    }
  }

  /// Each element of a gradient is brought into -value...value.
  public func clipping(value: Double) -> Optimizer { with { $0.clipping = .value(value) } }

  /// Each gradient longer than this is shortened to it.
  public func clipping(norm: Double) -> Optimizer { with { $0.clipping = .norm(norm) } }

  /// All gradients together, if longer than this, are shortened to it.
  public func clipping(globalNorm: Double) -> Optimizer {
    with { $0.clipping = .globalNorm(globalNorm) }
  }

  /// Keeps exponential averages of the parameters: `average ← momentum · average + (1 - momentum) p`.
  /// They take the parameters' place every so many steps, or, if no number is given, when `fit` ends.
  public func averaging(momentum: Double = 0.99, overwritingEvery steps: Int? = nil) -> Optimizer {
    with { $0.averaging = (momentum, steps) }
  }

  /// Changes parameters only every so many steps, by the mean of the gradients since.
  public func accumulatingGradients(over steps: Int) -> Optimizer {
    with { $0.accumulationSteps = max(1, steps) }
  }

  /// Multiplies the loss, and divides the gradients again, so that small ones do not vanish in half floats.
  public func lossScale(_ scale: Double) -> Optimizer { with { $0.lossScale = scale } }

  /// A loss scale that halves when a gradient is not finite, that step being skipped, and doubles after so
  /// many good steps.
  public func dynamicLossScale(initial: Double = 32768, growthSteps: Int = 2000) -> Optimizer {
    with { $0.dynamicScale = (initial, growthSteps) }
  }

  private func with(_ change: (inout Options) -> Void) -> Optimizer {
    var options = options
    change(&options)
    return Optimizer(self, options: options)
  }
}
