internal import Gnomon

extension Metric {
  /// How the scores of the classes become one.
  public enum Average: String, Sendable, Hashable, Codable {
    /// One score for each class.
    case none
    /// All classes are counted together.
    case micro
    /// The mean of the scores.
    case macro
    /// The mean, weighted by how often a class occurs.
    case weighted
  }

  /// The harmonic mean of precision and recall.
  public static func f1Score(average: Average = .none, threshold: Double? = nil) -> Metric {
    fBetaScore(beta: 1, average: average, threshold: threshold).named("f1_score")
  }

  /// `(1 + beta²) precision · recall / (beta² precision + recall)`: recall counts beta times as much.
  ///
  /// Targets and predictions are matrices, a column for each class.
  ///
  /// - Parameter threshold: predictions above it count as true; nil takes the largest of each row.
  public static func fBetaScore(
    beta: Double = 1, average: Average = .none, threshold: Double? = nil
  ) -> Metric {
    Metric(
      "fbeta_score", direction: .up,
      slots: { batch in
        let classes = batch.predictions.shape.last?.constant ?? 1
        let shape = average == .micro ? [] : [classes]
        return ["true_positives", "false_positives", "false_negatives", "weights"].map {
          Slot($0, .zeros(.float32, shape))
        }
      },
      update: { state, batch in
        let (t, p) = batch.aligned
        let isChosen: Expr
        if let threshold {
          isChosen = p .> Expr(threshold)
        } else {
          isChosen = (p .>= max(p, axes: -1, keepDims: true)) .& (abs(p) .> 1e-9)
        }
        let q = isChosen.cast(to: p.dtype)
        let added = [q * t, q * (1 - t), (1 - q) * t, t].map { x in
          let weighted = batch.weights.map { sharing(x, $0.cast(to: x.dtype)) } ?? x
          return (average == .micro ? Gnomon.sum(weighted) : Gnomon.sum(weighted, axes: 0))
            .cast(to: .float32)
        }
        return zip(state, added).map { $0 + $1 }
      },
      result: { state in
        let epsilon = Expr(Loss.epsilon)
        let precision = state[0] / (state[0] + state[1] + epsilon)
        let recall = state[0] / (state[0] + state[2] + epsilon)
        let squared = beta * beta
        let score =
          precision * recall / (Expr(squared) * precision + recall + epsilon) * Expr(1 + squared)
        switch average {
        case .none, .micro: return score
        case .macro: return Gnomon.mean(score)
        case .weighted:
          return Gnomon.sum(score * (state[3] / (Gnomon.sum(state[3]) + epsilon)))
        }
      })
  }
}
