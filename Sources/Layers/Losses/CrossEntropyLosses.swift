internal import Gnomon
internal import GnomonIR
internal import GnomonTensors

// Probabilities. With `fromLogits` predictions are what a softmax or sigmoid would be applied to, which
// is more exact; without it they are probabilities, which are brought into 1e-7...1 - 1e-7.
extension Loss {
  /// `-(t log p + (1 - t) log(1 - p))`, the mean over the last axis.
  public static var binaryCrossEntropy: Loss { .binaryCrossEntropy() }
  /// - Parameter labelSmoothing: moves targets this share of the way to 0.5.
  public static func binaryCrossEntropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Loss {
    Loss("binary_crossentropy", .alike) { t, p in
      let t = smoothed(t, labelSmoothing)
      return mean(
        fromLogits ? sigmoidCrossEntropy(logits: p, targets: t) : binary(t, p), axes: -1)
    }
  }

  /// The binary cross-entropy, where each term counts `(1 - q)^gamma`, q being the probability of what
  /// is true: easy samples count little. Lin and others: *Focal Loss for Dense Object Detection* (2017).
  public static var binaryFocalCrossEntropy: Loss { .binaryFocalCrossEntropy() }
  /// - Parameters:
  ///   - alpha: if `balancesClasses`, what the class 1 counts; the class 0 counts `1 - alpha`.
  public static func binaryFocalCrossEntropy(
    balancesClasses: Bool = false, alpha: Double = 0.25, gamma: Double = 2,
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Loss {
    Loss("binary_focal_crossentropy", .alike) { t, p in
      let t = smoothed(t, labelSmoothing)
      let p = fromLogits ? sigmoid(p) : p
      let right = t * p + (1 - t) * (1 - p)
      var focal = power(1 - right, Expr(gamma)) * binary(t, p)
      if balancesClasses { focal = (t * Expr(alpha) + (1 - t) * Expr(1 - alpha)) * focal }
      return mean(focal, axes: -1)
    }
  }

  /// `-sum(t log p)` over the classes, for targets with a value for each class (one-hot).
  public static var categoricalCrossEntropy: Loss { .categoricalCrossEntropy() }
  /// - Parameters:
  ///   - labelSmoothing: the share of a target that is spread over all classes.
  ///   - axis: the axis of the classes.
  public static func categoricalCrossEntropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0, axis: Int = -1
  ) -> Loss {
    Loss("categorical_crossentropy", .alike) { t, p in
      let t = spread(t, labelSmoothing)
      let logs = fromLogits ? logSoftmax(p, axis: axis) : log(shares(p, axis))
      return -sum(t * logs, axes: axis)
    }
  }

  /// The categorical cross-entropy, where each term counts `alpha (1 - p)^gamma`.
  public static var categoricalFocalCrossEntropy: Loss { .categoricalFocalCrossEntropy() }
  public static func categoricalFocalCrossEntropy(
    alpha: Double = 0.25, gamma: Double = 2, fromLogits: Bool = false, labelSmoothing: Double = 0,
    axis: Int = -1
  ) -> Loss {
    Loss("categorical_focal_crossentropy", .alike) { t, p in
      let t = spread(t, labelSmoothing)
      let q = shares(fromLogits ? softmax(p, axis: axis) : p, axis)
      return -sum(Expr(alpha) * power(1 - q, Expr(gamma)) * t * log(q), axes: axis)
    }
  }

  /// `-log p[t]`, for targets that are the numbers of classes. The last axis is the classes.
  ///
  /// A number that is no class is an error when the step runs (G0066).
  public static var sparseCategoricalCrossEntropy: Loss { .sparseCategoricalCrossEntropy() }
  /// - Parameter ignoredClass: a target that counts nothing.
  public static func sparseCategoricalCrossEntropy(
    fromLogits: Bool = false, ignoredClass: Int? = nil
  ) -> Loss {
    Loss("sparse_categorical_crossentropy", .classes) { t, p in
      let t = t.cast(to: .int32)
      let isCounted = ignoredClass.map { t .!= Expr(Double($0)) }
      let labels = isCounted.map { select($0, t, 0) } ?? t
      let all =
        fromLogits ? softmaxCrossEntropy(logits: p, labels: labels) : -log(picked(labels, p))
      return Values(values: isCounted.map { select($0, all, 0) } ?? all, mask: isCounted)
    }
  }

  /// `(1 - p[t]^q) / q`: between the cross-entropy, q near 0, and the absolute error, q = 1, and so less
  /// shaken by wrong labels. Zhang, Sabuncu: *Generalized Cross Entropy Loss* (2018).
  public static var categoricalGeneralizedCrossEntropy: Loss {
    .categoricalGeneralizedCrossEntropy()
  }
  public static func categoricalGeneralizedCrossEntropy(q: Double = 0.5) -> Loss {
    Loss("categorical_generalized_cross_entropy", .classes) { t, p in
      let isLabel = t.cast(to: .int32).expanded(axis: -1) .== Expr.iota(p.shape[p.rank - 1], .int32)
      let right = sum(select(isLabel, p, 0), axes: -1)
      return (1 - power(right, Expr(q))) / Expr(q)
    }
  }

  private static func binary(_ t: Expr, _ p: Expr) -> Expr {
    let q = clip(p, Expr(epsilon), Expr(1 - epsilon))
    return -(t * log(q) + (1 - t) * log(1 - q))
  }

  /// Predictions as shares of their sum, away from 0 and 1.
  private static func shares(_ p: Expr, _ axis: Int) -> Expr {
    clip(p / sum(p, axes: axis, keepDims: true), Expr(epsilon), Expr(1 - epsilon))
  }

  /// The share of the labelled class.
  private static func picked(_ labels: Expr, _ p: Expr) -> Expr {
    let classes = p.shape[p.rank - 1]
    let checked = labels.checked(bound: classes, .here()).expanded(axis: -1)
    let right = sum(select(checked .== Expr.iota(classes, .int32), p, 0), axes: -1)
    return clip(right / sum(p, axes: -1), Expr(epsilon), Expr(1 - epsilon))
  }

  private static func smoothed(_ t: Expr, _ smoothing: Double) -> Expr {
    smoothing == 0 ? t : t * Expr(1 - smoothing) + Expr(0.5 * smoothing)
  }

  private static func spread(_ t: Expr, _ smoothing: Double) -> Expr {
    guard smoothing != 0 else { return t }
    return t * Expr(1 - smoothing) + Expr(smoothing) / size(of: t, axis: -1).cast(to: t.dtype)
  }
}
