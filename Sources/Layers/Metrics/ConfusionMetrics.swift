internal import Gnomon

// Counts of what is right and wrong above thresholds: targets are 0 and 1, predictions in 0...1. With
// several thresholds the figure is a vector.
extension Metric {
  public static func truePositives(thresholds: [Double] = [0.5]) -> Metric {
    count(.truePositives, thresholds)
  }
  public static func trueNegatives(thresholds: [Double] = [0.5]) -> Metric {
    count(.trueNegatives, thresholds)
  }
  public static func falsePositives(thresholds: [Double] = [0.5]) -> Metric {
    count(.falsePositives, thresholds)
  }
  public static func falseNegatives(thresholds: [Double] = [0.5]) -> Metric {
    count(.falseNegatives, thresholds)
  }

  private static func count(_ cell: Confusion.Cell, _ thresholds: [Double]) -> Metric {
    confusion(cell.rawValue, .unknown, [cell], Confusion(thresholds: thresholds)) {
      single($0[0], thresholds)
    }
  }

  /// Of what is predicted to be true, the share that is: `tp / (tp + fp)`.
  ///
  /// - Parameters:
  ///   - topK: only the k largest predictions of a sample count as true.
  ///   - classID: only this class is looked at.
  public static func precision(
    thresholds: [Double]? = nil, topK: Int? = nil, classID: Int? = nil
  ) -> Metric {
    let t = thresholds ?? [topK == nil ? 0.5 : -1e10]
    return confusion(
      "precision", .up, [.truePositives, .falsePositives],
      Confusion(thresholds: t, topK: topK, classID: classID)
    ) { single(noNaN($0[0], over: $0[0] + $0[1]), t) }
  }

  /// Of what is true, the share that is predicted to be: `tp / (tp + fn)`.
  public static func recall(
    thresholds: [Double]? = nil, topK: Int? = nil, classID: Int? = nil
  ) -> Metric {
    let t = thresholds ?? [topK == nil ? 0.5 : -1e10]
    return confusion(
      "recall", .up, [.truePositives, .falseNegatives],
      Confusion(thresholds: t, topK: topK, classID: classID)
    ) { single(noNaN($0[0], over: $0[0] + $0[1]), t) }
  }

  /// The largest sensitivity at thresholds whose specificity is at least the one given.
  public static func sensitivityAtSpecificity(
    _ specificity: Double, thresholds: Int = 200, classID: Int? = nil
  ) -> Metric {
    best("sensitivity_at_specificity", thresholds, classID, atLeast: specificity) {
      ($0.specificity, $0.sensitivity)
    }
  }

  /// The largest specificity at thresholds whose sensitivity is at least the one given.
  public static func specificityAtSensitivity(
    _ sensitivity: Double, thresholds: Int = 200, classID: Int? = nil
  ) -> Metric {
    best("specificity_at_sensitivity", thresholds, classID, atLeast: sensitivity) {
      ($0.sensitivity, $0.specificity)
    }
  }

  /// The largest precision at thresholds whose recall is at least the one given.
  public static func precisionAtRecall(
    _ recall: Double, thresholds: Int = 200, classID: Int? = nil
  ) -> Metric {
    best("precision_at_recall", thresholds, classID, atLeast: recall) {
      ($0.sensitivity, $0.precision)
    }
  }

  /// The largest recall at thresholds whose precision is at least the one given.
  public static func recallAtPrecision(
    _ precision: Double, thresholds: Int = 200, classID: Int? = nil
  ) -> Metric {
    best("recall_at_precision", thresholds, classID, atLeast: precision) {
      ($0.precision, $0.sensitivity)
    }
  }

  private static func best(
    _ name: String, _ count: Int, _ classID: Int?, atLeast bound: Double,
    _ choice: @escaping @Sendable (Rates) -> (constrained: Expr, wanted: Expr)
  ) -> Metric {
    let thresholds = count == 1 ? [0.5] : evenThresholds(count)
    return confusion(
      name, .up, allCells, Confusion(thresholds: thresholds, classID: classID)
    ) { state in
      let (constrained, wanted) = choice(Rates(state))
      return maximum(max(select(constrained .>= Expr(bound), wanted, 0)), 0)
    }
  }

  static let allCells: [Confusion.Cell] = [
    .truePositives, .falsePositives, .trueNegatives, .falseNegatives,
  ]

  /// Numbers from 0 to 1 at equal distances.
  static func evenThresholds(_ count: Int) -> [Double] {
    (0..<count).map { Double($0) / Double(Swift.max(1, count - 1)) }
  }

  /// The shares that the four counts make.
  struct Rates {
    let state: [Expr]
    init(_ state: [Expr]) { self.state = state }
    var sensitivity: Expr { noNaN(state[0], over: state[0] + state[3]) }
    var specificity: Expr { noNaN(state[2], over: state[2] + state[1]) }
    var precision: Expr { noNaN(state[0], over: state[0] + state[1]) }
  }

  static func confusion(
    _ name: String, _ direction: Direction, _ cells: [Confusion.Cell], _ confusion: Confusion,
    _ result: @escaping @Sendable ([Expr]) -> Expr
  ) -> Metric {
    Metric(
      name, direction: direction, slots: { confusion.slots(cells, $0) },
      update: { state, batch in zip(state, confusion.counts(cells, batch)).map { $0 + $1 } },
      result: result)
  }

  private static func single(_ x: Expr, _ thresholds: [Double]) -> Expr {
    thresholds.count == 1 ? x.reshaped([]) : x
  }
}
