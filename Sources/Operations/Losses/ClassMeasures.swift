public import GnomonIR
internal import GnomonTensors

/// The cross-entropy of rows of probabilities with target probabilities, `-Σ t log p`. From logits
/// `softmaxCrossEntropy` is more exact.
///
/// - Parameters:
///   - probabilities: a floating-point tensor; rows are scaled to sum to 1.
///   - targets: the same shape and dtype.
///   - axis: the axis of the classes; a negative one counts from the end.
@_transparent public func categoricalCrossEntropy(
  probabilities: Expr, targets: Expr, axis: Int = -1
) -> Expr { _categoricalCrossEntropy(probabilities, targets, axis, .here()) }

@usableFromInline func _categoricalCrossEntropy(
  _ probabilities: Expr, _ targets: Expr, _ axis: Int, _ at: Location
) -> Expr {
  let (p, t) = settledPair(probabilities, targets)
  if let bad = pairRefusal("categoricalCrossEntropy", p, t, at) { return bad }
  return .elementwise("categoricalCrossEntropy", p, t, at) { p, t in
    // Probabilities that do not sum to 1 are made to.
    let total = sum(p, axes: [axis], keepDims: true)
    return -sum(xLogY(t, p / total), axes: [axis])
  }
}

/// How often each class (row) was predicted as each (column), int64.
///
/// - Parameters:
///   - labels: integers in 0..<classes; one outside is an error when the function runs.
///   - predictions: as `labels`, of the same shape.
///   - classes: how many.
@_transparent public func confusionMatrix(labels: Expr, predictions: Expr, classes: Int) -> Expr {
  _confusionMatrix(labels, predictions, classes, .here())
}

@usableFromInline func _confusionMatrix(
  _ labels: Expr, _ predictions: Expr, _ classes: Int, _ at: Location
) -> Expr {
  let (a, b) = (labels.settled(.int64), predictions.settled(.int64))
  if let bad = integersOnly(a, "confusionMatrix", at) ?? integersOnly(b, "confusionMatrix", at) {
    return bad
  }
  return at.serving("confusionMatrix") {
    let bound = Dim(classes)
    let row = a.flattened().checked(bound: bound, .here()).cast(to: .int64)
    let column = b.flattened().checked(bound: bound, .here()).cast(to: .int64)
    let counts = Expr.make(
      ScatterAdd(axis: 0),
      [
        Expr.zeros(.int64, [Dim(classes * classes)]), row * Double(classes) + column,
        Expr.ones(.int64, row.shape),
      ], at: .here())
    return counts.reshaped([bound, bound])
  }
}

/// Whether the score of each row's label is among the `k` largest; ties count.
///
/// - Parameters:
///   - labels: integers in 0..<classes, `[…]`; one outside is an error when the function runs.
///   - scores: `[…, classes]`, floating-point.
///   - k: how many places count.
@_transparent public func inTopK(_ labels: Expr, _ scores: Expr, k: Int) -> Expr {
  _inTopK(labels, scores, k, .here())
}

@usableFromInline func _inTopK(_ labels: Expr, _ scores: Expr, _ k: Int, _ at: Location) -> Expr {
  let labels = labels.settled(.int64)
  if let bad = integersOnly(labels, "inTopK", at) { return bad }
  return at.serving("inTopK") {
    // How many scores are above that of the label.
    let own = takeAlongAxis(scores, labels.cast(to: .int64).expanded(axis: -1), axis: -1)
    let above = sum((scores .> own).cast(to: .int64), axes: [-1])
    return (above .< Expr(Double(k))) .& isFinite(own.squeezed(axis: -1))
  }
}

/// The positions of the best boxes of which no two overlap much (int64), best first; -1 where there
/// are no more.
///
/// - Parameters:
///   - boxes: `[boxes, 4]`: left, top, right and bottom, floating-point.
///   - scores: `[boxes]`, the same dtype.
///   - overlap: the common part of the union from which a box gives way to a better one.
///   - size: how many positions the result has.
@_transparent public func nonMaximumSuppression(
  boxes: Expr, scores: Expr, overlap: Double, size: Int
) -> Expr { _nonMaximumSuppression(boxes, scores, overlap, size, .here()) }

@usableFromInline func _nonMaximumSuppression(
  _ boxes: Expr, _ scores: Expr, _ overlap: Double, _ size: Int, _ at: Location
) -> Expr {
  let (boxes, scores) = (boxes.settled(), scores.settled(boxes.dtype))
  guard !boxes.isInvalid, !scores.isInvalid, boxes.rank == 2, boxes.shape[1] == 4, scores.rank == 1,
    boxes.dtype.isFloat
  else {
    return .refused(
      Refusal(
        .rankMismatch, "boxes of \(boxes.type) with scores of \(scores.type)",
        marks: [Refusal.Mark(0), Refusal.Mark(1)],
        help: "they are [boxes, 4] and [boxes], of floats"),
      "nonMaximumSuppression", [boxes, scores], at: at)
  }
  return at.serving("nonMaximumSuppression") {
    let c = (0..<4).map { boxes[.all, $0] }
    let area = (c[2] - c[0]) * (c[3] - c[1])
    let column = Expr.iota(boxes.shape[0])
    var left = scores
    var picked: [Expr] = []
    for _ in 0..<size {
      // The best that is left takes away what it overlaps.
      let best = argmax(left, axis: 0)
      let isThere = max(left) .> Expr(-.infinity)
      picked.append(select(isThere, best, -1))
      let b = c.map { sum(select(column .== best, $0, 0)) }
      let width = maximum(minimum(c[2], b[2]) - maximum(c[0], b[0]), 0)
      let height = maximum(minimum(c[3], b[3]) - maximum(c[1], b[1]), 0)
      let common = width * height
      let union = area + sum(select(column .== best, area, 0)) - common
      let isCovered = common .> Expr(overlap) * union
      left = select(isCovered .| (column .== best), Expr(-.infinity), left)
    }
    return stack(picked)
  }
}
