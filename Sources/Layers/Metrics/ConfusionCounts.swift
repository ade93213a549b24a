internal import Gnomon

/// Thresholds, and the counting of what lies above them.
struct Confusion: Sendable {
  enum Cell: String, Sendable {
    case truePositives = "true_positives"
    case falsePositives = "false_positives"
    case trueNegatives = "true_negatives"
    case falseNegatives = "false_negatives"
  }

  var thresholds: [Double]
  var topK: Int?
  var classID: Int?
  /// Whether each column of a matrix is counted by itself.
  var perLabel = false
  /// What each column counts.
  var labelWeights: [Double]?

  /// What the cells are at first.
  func slots(_ cells: [Cell], _ batch: Metric.Batch) -> [Slot] {
    var shape = [thresholds.count]
    if perLabel { shape.append(batch.predictions.shape.last?.constant ?? 1) }
    return cells.map { Slot($0.rawValue, .zeros(.float32, shape)) }
  }

  /// The batch's counts: for each threshold, and each label where they are counted apart.
  func counts(_ cells: [Cell], _ batch: Metric.Batch) -> [Expr] {
    var (labels, predictions) = sameRank(
      batch.targets.cast(to: .float32), batch.predictions.floating.cast(to: .float32))
    if let topK { predictions = onlyTop(topK, predictions) }
    if let classID {
      labels = column(classID, labels)
      predictions = column(classID, predictions)
    }
    var weights = Expr.ones(.float32, predictions.shape)
    if let w = batch.weights { weights = sharing(weights, w.cast(to: .float32)) }
    if let own = labelWeights { weights = weights * Expr.constant(Tensor(own, dtype: .float32)) }
    if !perLabel {
      let count = predictions.shape.reduce(Dim(1)) { $0 * $1 }
      (labels, predictions, weights) = (
        labels.reshaped([count]), predictions.reshaped([count]), weights.reshaped([count])
      )
    }
    let isTrue = (labels .!= 0).cast(to: .float32)
    let (positives, negatives) = (isTrue * weights, (1 - isTrue) * weights)
    let isAbove = above(predictions)
    // [thresholds, samples(, labels)], summed over the samples.
    func sums(_ x: Expr) -> Expr { sum(select(isAbove, x.expanded(axis: 0), 0), axes: 1) }
    return cells.map { cell in
      switch cell {
      case .truePositives: sums(positives)
      case .falsePositives: sums(negatives)
      case .trueNegatives: sum(negatives, axes: 0).expanded(axis: 0) - sums(negatives)
      case .falseNegatives: sum(positives, axes: 0).expanded(axis: 0) - sums(positives)
      }
    }
  }

  /// Whether each prediction is above each threshold.
  private func above(_ p: Expr) -> Expr {
    func column(_ x: Expr) -> Expr { matchingRank(x, p.rank + 1) }
    let n = thresholds.count
    guard isEven else {
      return p.expanded(axis: 0) .> column(.constant(Tensor(thresholds, dtype: .float32)))
    }
    // Thresholds at equal distances: the number of those below, which rounds as Keras' does.
    var below = ceil(clip(p, 0, 1) * Expr(Double(n - 1))) - 1
    if thresholds[0] < 0 || thresholds[n - 1] > 1 { below = maximum(below, 0) }
    return below.expanded(axis: 0) .>= column(Expr.iota(Dim(n), .int32).cast(to: .float32))
  }

  /// Whether the thresholds are 0...1 at equal distances, up to 1e-7.
  private var isEven: Bool {
    guard thresholds.count >= 3 else { return false }
    let last = Double(thresholds.count - 1)
    return thresholds.enumerated().allSatisfy { i, t in
      let even = Double(i) / last
      return (t - even).magnitude <= 1.1e-7 + 1e-5 * even
    }
  }

  private func column(_ i: Int, _ x: Expr) -> Expr {
    x[.ellipsis, i..<(i + 1)]
  }

  /// Predictions that are not among the k largest of their row, at -1e10; of equal ones the first count.
  private func onlyTop(_ k: Int, _ p: Expr) -> Expr {
    let classes = p.shape[p.rank - 1]
    let (own, other) = (p.expanded(axis: -1), p.expanded(axis: -2))
    let i = Expr.iota(classes, .int32)
    let isBefore = i.expanded(axis: 0) .< i.expanded(axis: 1)
    let beats = (other .> own) .| ((other .== own) .& isBefore)
    let rank = sum(beats.cast(to: .float32), axes: -1)
    return select(rank .< Expr(Double(k)), p, -1e10)
  }
}
