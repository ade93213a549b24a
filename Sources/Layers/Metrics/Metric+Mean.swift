public import Gnomon

extension Metric {
  /// The weighted mean over all samples of a value for each.
  ///
  /// - Parameter values: from targets and predictions one or more values for each sample.
  public static func mean(
    _ name: String, direction: Direction = .unknown,
    _ values: @escaping @Sendable (_ targets: Expr, _ predictions: Expr) -> Expr
  ) -> Metric {
    mean(name, direction, values: values) { $0 }
  }

  static func mean(
    _ name: String, _ direction: Direction,
    values: @escaping @Sendable (_ targets: Expr, _ predictions: Expr) -> Expr,
    final: @escaping @Sendable (Expr) -> Expr
  ) -> Metric {
    Metric(
      name, direction: direction,
      slots: { _ in scalarSlots(["total", "count"]) },
      update: { state, batch in
        let (sum, count) = sampleSum(values(batch.targets, batch.predictions), batch.weights)
        return [state[0] + sum, state[1] + count]
      },
      result: { final(noNaN($0[0], over: $0[1])) })
  }

  /// The weighted sum over all samples of a value for each.
  public static func sum(
    _ name: String, direction: Direction = .unknown,
    _ values: @escaping @Sendable (_ targets: Expr, _ predictions: Expr) -> Expr
  ) -> Metric {
    Metric(
      name, direction: direction, slots: { _ in scalarSlots(["total"]) },
      update: { state, batch in
        let all = values(batch.targets, batch.predictions).floating.cast(to: .float32)
        return [
          state[0] + Gnomon.sum(batch.weights.map { sharing(all, $0.cast(to: .float32)) } ?? all)
        ]
      },
      result: { $0[0] })
  }

  /// The mean of a loss over all samples.
  static func mean(of loss: Loss, _ name: String? = nil, _ direction: Direction = .down) -> Metric {
    mean(name ?? loss.name, direction: direction) { t, p in
      loss.values(t, p, .here()).values
    }
  }

  static func scalarSlots(_ names: [String]) -> [Slot] {
    names.map { Slot($0, .zeros(.float32, [])) }
  }
}

/// The sum of the samples' weighted means, and of the weights: samples are along the first axis.
func sampleSum(_ values: Expr, _ weights: Expr?) -> (sum: Expr, count: Expr) {
  var values = values.floating.cast(to: .float32)
  func averaged(_ x: Expr, from axis: Int) -> Expr {
    x.rank > axis ? mean(x, axes: Array(axis..<x.rank)) : x
  }
  guard let weights else {
    if values.rank == 0 { return (values, 1) }
    return (sum(averaged(values, from: 1)), size(of: values, axis: 0).cast(to: .float32))
  }
  var w: Expr
  (values, w) = sameRank(values, weights.cast(to: .float32))
  values = averaged(values, from: w.rank)
  if values.rank > 0, w.rank == values.rank { w = w.broadcast(to: values.shape) }
  return (sum(averaged(values * w, from: 1)), sum(averaged(w, from: 1)))
}
