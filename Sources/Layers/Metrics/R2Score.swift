internal import Gnomon

extension Metric {
  /// How the scores of several outputs become one.
  public enum Aggregation: String, Sendable, Hashable, Codable {
    case uniform = "uniform_average"
    case varianceWeighted = "variance_weighted_average"
    /// One score for each output.
    case none
  }

  /// The share of the targets' variance that the predictions explain: `1 - Σ(t - p)² / Σ(t - t̄)²`.
  ///
  /// - Parameter regressors: if not 0, the score is adjusted for this number of independent variables.
  public static func r2Score(
    aggregation: Aggregation = .uniform, regressors: Int = 0
  ) -> Metric {
    Metric(
      "r2_score", direction: .up,
      slots: { batch in
        let outputs = batch.predictions.shape.last?.constant ?? 1
        return ["sum", "squared_sum", "residual", "count"].map {
          Slot($0, .zeros(.float32, [outputs]))
        } + [Slot("samples", .zeros(.float32, []))]
      },
      update: { state, batch in
        let (t, p) = batch.aligned
        let one = Expr.ones(t.dtype, t.shape)
        let w = batch.weights.map { sharing(one, $0.cast(to: t.dtype)) } ?? one
        let added = [t * w, t * t * w, square(t - p) * w, w].map {
          Gnomon.sum($0, axes: 0).cast(to: .float32)
        }
        let samples = Gnomon.sum(one).cast(to: .float32)
        return zip(state, added + [samples]).map { $0 + $1 }
      },
      result: { state in
        let mean = state[0] / state[3]
        let total = state[1] - state[0] * mean
        let raw = 1 - state[2] / total
        let scores = select(isInfinite(raw), 0, raw)
        var score: Expr
        switch aggregation {
        case .uniform: score = Gnomon.mean(scores)
        case .varianceWeighted: score = Gnomon.sum(total * scores) / Gnomon.sum(total)
        case .none: score = scores
        }
        guard regressors != 0 else { return score }
        let n = state[4]
        let free = n - Expr(Double(regressors)) - 1
        return select(free .> 0, 1 - (1 - score) * (n - 1) / free, score)
      })
  }
}
