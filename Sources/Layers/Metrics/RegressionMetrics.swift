internal import Gnomon

// How far numbers are apart, and how they go together.
extension Metric {
  public static var meanSquaredError: Metric { mean(of: .meanSquaredError) }
  public static var meanAbsoluteError: Metric { mean(of: .meanAbsoluteError) }
  public static var meanAbsolutePercentageError: Metric { mean(of: .meanAbsolutePercentageError) }
  public static var meanSquaredLogarithmicError: Metric { mean(of: .meanSquaredLogarithmicError) }
  public static var logCoshError: Metric { mean(of: .logCosh, "logcosh") }
  public static var klDivergence: Metric { mean(of: .klDivergence) }
  public static var poisson: Metric { mean(of: .poisson) }
  public static var hinge: Metric { mean(of: .hinge) }
  public static var squaredHinge: Metric { mean(of: .squaredHinge) }
  public static var categoricalHinge: Metric { mean(of: .categoricalHinge) }

  public static func binaryCrossEntropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Metric {
    mean(of: .binaryCrossEntropy(fromLogits: fromLogits, labelSmoothing: labelSmoothing))
  }

  public static func categoricalCrossEntropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0, axis: Int = -1
  ) -> Metric {
    mean(
      of: .categoricalCrossEntropy(
        fromLogits: fromLogits, labelSmoothing: labelSmoothing, axis: axis))
  }

  public static func sparseCategoricalCrossEntropy(
    fromLogits: Bool = false, ignoredClass: Int? = nil
  ) -> Metric {
    mean(of: .sparseCategoricalCrossEntropy(fromLogits: fromLogits, ignoredClass: ignoredClass))
  }

  /// The root of the mean of the squared differences.
  public static var rootMeanSquaredError: Metric {
    mean(
      "root_mean_squared_error", .down,
      values: { t, p in
        let (t, p) = Batch(targets: t, predictions: p).aligned
        return square(p - t)
      }, final: { sqrt($0) })
  }

  /// The mean cosine of the angle between targets and predictions.
  public static var cosineSimilarity: Metric { .cosineSimilarity() }
  public static func cosineSimilarity(axis: Int = -1) -> Metric {
    mean("cosine_similarity", direction: .up) { t, p in
      -Loss.cosineSimilarity(axis: axis).values(t, p, .here()).values
    }
  }

  /// Pearson's correlation along an axis, the mean over the samples.
  public static var pearsonCorrelation: Metric { .pearsonCorrelation() }
  public static func pearsonCorrelation(axis: Int = -1) -> Metric {
    mean("pearson_correlation", direction: .up) { t, p in
      let (t, p) = Batch(targets: t, predictions: p).aligned
      func normal(_ x: Expr) -> Expr {
        let centred = x - Gnomon.mean(x, axes: axis, keepDims: true)
        return centred / sqrt(Gnomon.mean(square(centred), axes: axis, keepDims: true))
      }
      return Gnomon.mean(normal(t) * normal(p), axes: axis)
    }
  }

  /// Lin's concordance correlation along an axis, the mean over the samples.
  public static var concordanceCorrelation: Metric { .concordanceCorrelation() }
  public static func concordanceCorrelation(axis: Int = -1) -> Metric {
    mean("concordance_correlation", direction: .up) { t, p in
      let (t, p) = Batch(targets: t, predictions: p).aligned
      func middle(_ x: Expr) -> Expr { Gnomon.mean(x, axes: axis, keepDims: true) }
      let (mt, mp) = (middle(t), middle(p))
      let spread = middle(square(t - mt)) + middle(square(p - mp)) + square(mt - mp)
      let together = 2 * (t - mp) * (p - mp)
      return Gnomon.mean(together / (spread + Expr(Loss.epsilon)), axes: axis)
    }
  }
}
