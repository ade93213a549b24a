internal import Gnomon

extension Loss {
  /// Weighted values as one number, or as they are.
  static func reduced(
    _ values: Expr, by reduction: Reduction, weights: Expr?, mask: Expr?
  ) -> Expr {
    var weights = weights?.cast(to: values.dtype)
    if let mask {
      var share = mask.cast(to: values.dtype)
      if reduction == .mean || reduction == .sumOverBatchSize {
        // So that the mean over all is that over those that count.
        share = share * noNaN(1, over: mean(share))
      }
      weights = weights.map { sharing($0, share) } ?? share
    }
    guard let weights else {
      switch reduction {
      case .none: return values
      case .sum: return sum(values)
      case .sumOverBatchSize, .mean, .meanWithSampleWeight: return mean(values)
      }
    }
    let weighted = sharing(values, weights)
    switch reduction {
    case .none: return weighted
    case .sum: return sum(weighted)
    case .sumOverBatchSize, .mean: return mean(weighted)
    case .meanWithSampleWeight: return noNaN(sum(weighted), over: sum(weights))
    }
  }
}

/// The product of values and weights, whose axes are the leading ones of the values.
func sharing(_ values: Expr, _ weights: Expr) -> Expr {
  let (v, w) = sameRank(values, weights)
  return v * matchingRank(w, v.rank)
}

/// A tensor with axes of size 1 added at its end.
func matchingRank(_ x: Expr, _ rank: Int) -> Expr {
  var y = x
  while y.rank < rank { y = y.expanded(axis: -1) }
  return y
}

/// `x / y`, and 0 where y is 0.
func noNaN(_ x: Expr, over y: Expr) -> Expr { select(y .== 0, 0, x / y) }

/// Two tensors whose ranks differ by an axis of size 1 at the end, brought to one rank: a vector gains
/// the axis, of others the larger loses it.
func sameRank(_ x: Expr, _ y: Expr) -> (Expr, Expr) {
  if x.rank == y.rank + 1, x.shape.last == 1 {
    return y.rank == 1 ? (x, y.expanded(axis: -1)) : (x.squeezed(axis: -1), y)
  }
  if y.rank == x.rank + 1, y.shape.last == 1 {
    return x.rank == 1 ? (x.expanded(axis: -1), y) : (x, y.squeezed(axis: -1))
  }
  return (x, y)
}
