internal import Gnomon

// Intersection over union: for a class, the number of elements that are of it both by target and by
// prediction, over the number that are by either. From a matrix of counts, targets by predictions.
extension Metric {
  /// The mean over some classes; targets and predictions are numbers of classes, or with a value for each
  /// class along the last axis where they are not `sparse`.
  ///
  /// - Parameter ignoredClass: elements with this target do not count.
  public static func iou(
    classes: Int, targets: [Int], ignoredClass: Int? = nil, sparseTargets: Bool = true,
    sparsePredictions: Bool = true
  ) -> Metric {
    overlap("iou", classes, targets, ignoredClass) { batch in
      (
        sparseTargets ? batch.targets : argmax(batch.targets, axis: -1),
        sparsePredictions ? batch.predictions : argmax(batch.predictions, axis: -1)
      )
    }
  }

  /// The mean over all classes.
  public static func meanIoU(
    classes: Int, ignoredClass: Int? = nil, sparseTargets: Bool = true,
    sparsePredictions: Bool = true
  ) -> Metric {
    iou(
      classes: classes, targets: Array(0..<classes), ignoredClass: ignoredClass,
      sparseTargets: sparseTargets, sparsePredictions: sparsePredictions
    ).named("mean_iou")
  }

  /// Two classes, which a threshold parts.
  public static func binaryIoU(targets: [Int] = [0, 1], threshold: Double = 0.5) -> Metric {
    overlap("binary_iou", 2, targets, nil) { batch in
      (batch.targets, (batch.predictions.floating .>= Expr(threshold)).cast(to: .int32))
    }
  }

  /// Targets are one-hot, predictions have a value for each class.
  public static func oneHotIoU(
    classes: Int, targets: [Int], ignoredClass: Int? = nil, sparsePredictions: Bool = false
  ) -> Metric {
    iou(
      classes: classes, targets: targets, ignoredClass: ignoredClass, sparseTargets: false,
      sparsePredictions: sparsePredictions
    ).named("one_hot_iou")
  }

  /// The mean over all classes; targets are one-hot.
  public static func oneHotMeanIoU(
    classes: Int, ignoredClass: Int? = nil, sparsePredictions: Bool = false
  ) -> Metric {
    meanIoU(
      classes: classes, ignoredClass: ignoredClass, sparseTargets: false,
      sparsePredictions: sparsePredictions
    ).named("one_hot_mean_iou")
  }

  private static func overlap(
    _ name: String, _ classes: Int, _ chosen: [Int], _ ignored: Int?,
    _ numbers: @escaping @Sendable (Batch) -> (targets: Expr, predictions: Expr)
  ) -> Metric {
    Metric(
      name, direction: .up,
      slots: { _ in [Slot("total_confusion_matrix", .zeros(.float32, [classes, classes]))] },
      update: { state, batch in
        let (targets, predictions) = numbers(batch)
        let count = targets.shape.reduce(Dim(1)) { $0 * $1 }
        func flat(_ x: Expr) -> Expr { x.cast(to: .int32).reshaped([count]).expanded(axis: 1) }
        let all = Expr.iota(Dim(classes), .int32)
        let t = flat(targets)
        var weights = Expr.ones(.float32, targets.shape)
        if let w = batch.weights { weights = sharing(weights, w.cast(to: .float32)) }
        weights = weights.reshaped([count]).expanded(axis: 1)
        if let ignored { weights = select(t .== Expr(Double(ignored)), 0, weights) }
        let isTarget = (t .== all).cast(to: .float32) * weights
        let isPredicted = (flat(predictions) .== all).cast(to: .float32)
        return [state[0] + matmul(isTarget.transposed(), isPredicted)]
      },
      result: { state in
        let right = Gnomon.sum(state[0] * Expr.eye(Dim(classes)), axes: 0)
        let either = Gnomon.sum(state[0], axes: 0) + Gnomon.sum(state[0], axes: 1) - right
        let isChosen = (0..<classes).map { chosen.contains($0) ? 1.0 : 0 }
        let counts =
          (either .> 1e-9).cast(to: .float32) * Expr.constant(Tensor(isChosen, dtype: .float32))
        let shares = right / (either + Expr(Loss.epsilon))
        return Gnomon.sum(shares * counts) / (Gnomon.sum(counts) + Expr(Loss.epsilon))
      })
  }
}
