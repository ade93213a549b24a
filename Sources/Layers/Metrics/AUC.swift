internal import Gnomon

extension Metric {
  /// The curve that the thresholds draw.
  public enum Curve: String, Sendable, Hashable, Codable {
    /// Recall over the share of false alarms.
    case roc = "ROC"
    /// Precision over recall.
    case pr = "PR"
    /// Precision gain over recall gain: Flach, Kull: *Precision-Recall-Gain Curves* (2015).
    case prGain = "PRGAIN"
  }

  /// How the area between two thresholds is taken.
  public enum Summation: String, Sendable, Hashable, Codable {
    /// The middle; on the PR curve by Davis and Goadrich, *The Relationship Between Precision-Recall and
    /// ROC Curves* (2006).
    case interpolation
    /// The lower and the higher end.
    case minoring, majoring
  }

  /// The area under a curve that thresholds draw: for `.roc` the probability that a true sample is ranked
  /// before a false one.
  ///
  /// - Parameters:
  ///   - thresholds: how many, from 0 to 1.
  ///   - multiLabel: whether the columns are separate questions, whose areas are averaged.
  ///   - labelWeights: what each column counts.
  ///   - fromLogits: whether a sigmoid is to be applied to the predictions.
  public static func auc(
    curve: Curve = .roc, thresholds: Int = 200, summation: Summation = .interpolation,
    multiLabel: Bool = false, labelWeights: [Double]? = nil, fromLogits: Bool = false
  ) -> Metric {
    var all = evenThresholds(Swift.max(2, thresholds))
    all[0] = -Loss.epsilon
    all[all.count - 1] = 1 + Loss.epsilon
    let n = all.count
    let confusion = Confusion(
      thresholds: all, perLabel: multiLabel, labelWeights: multiLabel ? nil : labelWeights)
    return Metric(
      "auc", direction: .up, slots: { confusion.slots(allCells, $0) },
      update: { state, batch in
        var batch = batch
        if fromLogits { batch.predictions = sigmoid(batch.predictions.floating) }
        return zip(state, confusion.counts(allCells, batch)).map { $0 + $1 }
      },
      result: { state in
        let areas =
          curve == .pr && summation == .interpolation
          ? interpolatedPrecision(state, n) : riemann(curve, summation, state, n)
        let columns = Gnomon.sum(areas, axes: 0)
        guard multiLabel else { return columns }
        guard let labelWeights else { return Gnomon.mean(columns) }
        let w = Expr.constant(Tensor(labelWeights, dtype: .float32))
        return noNaN(Gnomon.sum(columns * w), over: Gnomon.sum(w))
      })
  }

  /// The rows from the first, and those from the second on.
  private static func neighbours(_ x: Expr, _ n: Int) -> (Expr, Expr) {
    (x[0..<(n - 1)], x[1..<n])
  }

  private static func riemann(
    _ curve: Curve, _ summation: Summation, _ state: [Expr], _ n: Int
  ) -> Expr {
    let rates = Rates(state)
    let (tp, fp, tn, fn) = (state[0], state[1], state[2], state[3])
    let x: Expr
    let y: Expr
    switch curve {
    case .roc: (x, y) = (noNaN(fp, over: fp + tn), rates.sensitivity)
    case .pr: (x, y) = (rates.sensitivity, rates.precision)
    case .prGain:
      let ratio = noNaN(tp + fn, over: tn + fp)
      x = maximum(select(tp .== 0, 0, 1 - ratio * noNaN(fn, over: tp)), 0)
      y = select(tp .== 0, 1, 1 - ratio * noNaN(fp, over: tp))
    }
    let (x0, x1) = neighbours(x, n)
    let (y0, y1) = neighbours(y, n)
    let heights: Expr =
      switch summation {
      case .interpolation: (y0 + y1) / 2
      case .minoring: minimum(y0, y1)
      case .majoring: maximum(y0, y1)
      }
    return (x0 - x1) * heights
  }

  /// The area under the PR curve when true and false positives are interpolated between thresholds.
  private static func interpolatedPrecision(_ state: [Expr], _ n: Int) -> Expr {
    let (tp0, tp1) = neighbours(state[0], n)
    let (p0, p1) = neighbours(state[0] + state[1], n)
    let (_, fn1) = neighbours(state[3], n)
    let gained = tp0 - tp1
    let slope = noNaN(gained, over: maximum(p0 - p1, 0))
    let intercept = tp1 - slope * p1
    let ratio = select((p0 .> 0) .& (p1 .> 0), noNaN(p0, over: maximum(p1, 0)), 1)
    return noNaN(
      slope * (gained + intercept * log(ratio)), over: maximum(tp1 + fn1, 0))
  }
}
