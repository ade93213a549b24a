internal import Gnomon
internal import GnomonTensors

// Sets and neighbourhoods.
extension Loss {
  /// `1 - 2 |t ∩ p| / (|t| + |p|)` over the whole batch, or over some axes.
  public static var dice: Loss { .dice() }
  public static func dice(axes: [Int]? = nil) -> Loss {
    Loss("dice", .alike) { t, p in
      let axes = axes ?? Array(0..<p.rank)
      let common = sum(t * p, axes: axes)
      return 1 - 2 * common / (sum(t, axes: axes) + sum(p, axes: axes) + Expr(epsilon))
    }
  }

  /// The Dice loss with what is missed and what is wrong weighted apart: `alpha` and `beta`.
  ///
  /// Salehi, Erdogmus, Gholipour: *Tversky loss function for image segmentation* (2017).
  public static var tversky: Loss { .tversky() }
  public static func tversky(alpha: Double = 0.5, beta: Double = 0.5, axes: [Int]? = nil) -> Loss {
    Loss("tversky", .alike) { t, p in
      let axes = axes ?? Array(0..<p.rank)
      let common = sum(t * p, axes: axes)
      let missed = sum((1 - p) * t, axes: axes)
      let wrong = sum(p * (1 - t), axes: axes)
      return 1 - common / (common + Expr(alpha) * missed + Expr(beta) * wrong + Expr(epsilon))
    }
  }

  /// Brings embeddings of one class together and those of different ones apart, within a batch. The
  /// targets are numbers of classes, the predictions vectors of length 1.
  ///
  /// Sun and others: *Circle Loss: A Unified Perspective of Pair Similarity Optimization* (2020).
  public static var circle: Loss { .circle() }
  public static func circle(
    gamma: Double = 80, margin: Double = 0.4, removesDiagonal: Bool = true
  ) -> Loss {
    Loss("circle", .classes, .sumOverBatchSize) { t, p in
      let distances = maximum(1 - matmul(p, p.transposed()), 0)
      let labels = t.cast(to: .int32)
      let isSame = labels.expanded(axis: 1) .== labels.expanded(axis: 0)
      var isPositive = isSame
      if removesDiagonal {
        let row = Expr.iota(p.shape[0])
        isPositive = isPositive .& (row.expanded(axis: 1) .!= row.expanded(axis: 0))
      }
      func term(_ counts: Expr, _ weight: Expr, _ distance: Expr, _ sign: Double) -> Expr {
        let weighted = Expr(sign * gamma) * maximum(weight, 0) * distance
        return logSumExp(select(counts, weighted, Expr(-Double.infinity)), axes: 1)
      }
      let m = Expr(margin)
      let positive = term(isPositive, m + distances, m - distances, -1)
      let negative = term(.!isSame, 1 + m - distances, 1 - m - distances, 1)
      let values = softplus(positive + negative)
      return Values(values: values, mask: values .> 0)
    }
  }
}
