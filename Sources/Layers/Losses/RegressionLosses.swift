internal import Gnomon

// Differences between numbers. Each gives a value for each sample: the mean over the last axis.
extension Loss {
  /// `mean((t - p)²)`.
  public static var meanSquaredError: Loss {
    Loss("mean_squared_error", .alike) { t, p in mean(square(t - p), axes: -1) }
  }

  /// `mean(|t - p|)`.
  public static var meanAbsoluteError: Loss {
    Loss("mean_absolute_error", .alike) { t, p in mean(abs(t - p), axes: -1) }
  }

  /// `100 mean(|t - p| / max(|t|, 1e-7))`.
  public static var meanAbsolutePercentageError: Loss {
    Loss("mean_absolute_percentage_error", .alike) { t, p in
      100 * mean(abs((t - p) / maximum(abs(t), Expr(epsilon))), axes: -1)
    }
  }

  /// `mean((log(p + 1) - log(t + 1))²)`, with both at least 1e-7.
  public static var meanSquaredLogarithmicError: Loss {
    Loss("mean_squared_logarithmic_error", .alike) { t, p in
      let logs = [t, p].map { log(maximum($0, Expr(epsilon)) + 1) }
      return mean(square(logs[1] - logs[0]), axes: -1)
    }
  }

  /// The negative cosine of the angle between targets and predictions: -1 where they point the same way.
  public static var cosineSimilarity: Loss { .cosineSimilarity() }
  /// - Parameter axis: the axis of one vector.
  public static func cosineSimilarity(axis: Int = -1) -> Loss {
    Loss("cosine_similarity", .alike) { t, p in
      -sum(unitVectors(t, axis) * unitVectors(p, axis), axes: axis)
    }
  }

  /// Half the square of small differences, and `delta |d| - delta²/2` of those larger than delta.
  public static var huber: Loss { .huber() }
  public static func huber(delta: Double = 1) -> Loss {
    Loss("huber_loss", .alike) { t, p in
      let d = abs(p - t)
      let linear = Expr(delta) * d - Expr(0.5 * delta * delta)
      return mean(select(d .<= Expr(delta), 0.5 * square(d), linear), axes: -1)
    }
  }

  /// `mean(log(cosh(p - t)))`: nearly half the square of small differences, the size of large ones.
  public static var logCosh: Loss {
    Loss("log_cosh", .alike) { t, p in
      let d = p - t
      return mean(d + softplus(-2 * d) - 0.6931471805599453, axes: -1)
    }
  }

  /// `mean(p - t log(p + 1e-7))`: the targets as counts of rate p.
  public static var poisson: Loss {
    Loss("poisson", .alike) { t, p in mean(p - t * log(p + Expr(epsilon)), axes: -1) }
  }

  /// `sum(t log(t / p))`, with both in 1e-7...1: what predictions lack of the targets' distribution.
  public static var klDivergence: Loss {
    Loss("kl_divergence", .alike) { t, p in
      let (t, p) = (clip(t, Expr(epsilon), 1), clip(p, Expr(epsilon), 1))
      return sum(t * log(t / p), axes: -1)
    }
  }

  /// What keeps divisions and logarithms finite, as in Keras.
  static let epsilon = 1e-7
}

/// Vectors along an axis brought to length 1; those shorter than 1e-7 are divided by that.
func unitVectors(_ x: Expr, _ axis: Int) -> Expr {
  let inverse = rsqrt(sum(square(x), axes: axis, keepDims: true))
  return x * minimum(inverse, Expr(1 / Loss.epsilon))
}
