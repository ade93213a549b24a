internal import Gnomon
internal import GnomonIR

// The share of predictions that are right.
extension Metric {
  /// The share of right predictions, however targets are given: one of `binaryAccuracy`,
  /// `categoricalAccuracy` and `sparseCategoricalAccuracy`, as the shapes demand.
  public static var accuracy: Metric {
    mean("accuracy", direction: .up) { t, p in
      switch kind(t, p) {
      case .binary: isRight(t, p, threshold: 0.5)
      case .sparse: isRightClass(t, p)
      case .categorical: isRightClass(argmax(t, axis: -1), p)
      }
    }
  }

  /// The share of predictions that equal their targets.
  public static var exactAccuracy: Metric {
    mean("accuracy", direction: .up) { t, p in
      let (t, p) = sameRank(t.cast(to: p.dtype), p)
      return (t .== p).cast(to: .float32)
    }
  }

  /// The share of predictions on their target's side of a threshold: targets are 0 and 1.
  public static var binaryAccuracy: Metric { .binaryAccuracy() }
  public static func binaryAccuracy(threshold: Double = 0.5) -> Metric {
    mean("binary_accuracy", direction: .up) { t, p in isRight(t, p, threshold: threshold) }
  }

  /// The share of samples whose largest prediction is that of the target's class: targets are one-hot.
  public static var categoricalAccuracy: Metric {
    mean("categorical_accuracy", direction: .up) { t, p in isRightClass(argmax(t, axis: -1), p) }
  }

  /// The share of samples whose largest prediction is that of their class: targets are its number.
  public static var sparseCategoricalAccuracy: Metric {
    mean("sparse_categorical_accuracy", direction: .up) { t, p in isRightClass(t, p) }
  }

  /// The share of samples whose class is among the k largest predictions: targets are one-hot.
  public static var topKCategoricalAccuracy: Metric { .topKCategoricalAccuracy() }
  public static func topKCategoricalAccuracy(k: Int = 5) -> Metric {
    mean("top_k_categorical_accuracy", direction: .up) { t, p in
      isInTop(k, argmax(t, axis: -1), p)
    }
  }

  /// The share of samples whose class is among the k largest predictions: targets are its number.
  public static var sparseTopKCategoricalAccuracy: Metric { .sparseTopKCategoricalAccuracy() }
  public static func sparseTopKCategoricalAccuracy(k: Int = 5) -> Metric {
    mean("sparse_top_k_categorical_accuracy", direction: .up) { t, p in isInTop(k, t, p) }
  }

  /// How targets are given.
  enum TargetKind { case binary, sparse, categorical }

  static func kind(_ t: Expr, _ p: Expr) -> TargetKind {
    if p.rank <= 1 || p.shape[p.rank - 1] == 1 { return .binary }
    return t.rank < p.rank || t.shape[t.rank - 1] == 1 ? .sparse : .categorical
  }

  private static func isRight(_ t: Expr, _ p: Expr, threshold: Double) -> Expr {
    let (t, p) = sameRank(t.cast(to: .float32), p.floating)
    return (t .== (p .> Expr(threshold)).cast(to: .float32)).cast(to: .float32)
  }

  private static func isRightClass(_ t: Expr, _ p: Expr) -> Expr {
    let classes = t.rank == p.rank ? t.squeezed(axis: -1) : t
    return (classes.cast(to: .int64) .== argmax(p, axis: -1).cast(to: .int64)).cast(to: .float32)
  }

  /// Whether fewer than k predictions are larger than that of the class.
  private static func isInTop(_ k: Int, _ t: Expr, _ p: Expr) -> Expr {
    let p = p.floating
    let classes = (t.rank == p.rank ? t.squeezed(axis: -1) : t).cast(to: .int32).expanded(axis: -1)
    let isOwn = classes .== Expr.iota(p.shape[p.rank - 1], .int32)
    let own = max(select(isOwn .& (p .== p), p, Expr(-Double.infinity)), axes: -1, keepDims: true)
    let larger = Gnomon.sum((p .> own).cast(to: .float32), axes: -1)
    return (larger .< Expr(Double(k))).cast(to: .float32)
  }
}
