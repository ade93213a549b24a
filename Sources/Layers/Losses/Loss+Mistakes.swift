internal import Gnomon
internal import GnomonIR
internal import GnomonTensors

extension Loss {
  /// The refusal of targets whose shape is not that of the predictions.
  func shapeRefusal(_ targets: Expr, _ predictions: Expr, _ at: Location) -> Expr? {
    let (t, p) = (targets.shape, predictions.shape)
    let odd = zip(t, p).enumerated().filter { _, pair in
      pair.0 != pair.1 && pair.0.constant != nil && pair.1.constant != nil
    }.map(\.offset)
    if t.count == p.count, odd.isEmpty { return nil }
    var help = "a loss compares element with element and does not broadcast"
    if name.hasPrefix("categorical"), t.count == p.count - 1 || t.last == 1 {
      help = "for the numbers of classes use .sparseCategoricalCrossEntropy, or oneHot the targets"
    }
    return refused(
      "the targets do not have the shape of the predictions", odd, targets, predictions, help, at)
  }

  /// The refusal of targets that are not a class for each row of the predictions.
  func classRefusal(_ targets: Expr, _ predictions: Expr, _ at: Location) -> Expr? {
    let hasColumn = targets.rank == predictions.rank && targets.shape.last == 1
    if predictions.rank > 0, hasColumn || targets.rank == predictions.rank - 1 { return nil }
    let help =
      targets.rank == predictions.rank
      ? "for a value for each class use .categoricalCrossEntropy"
      : "one class for each row of predictions: [batch] with [batch, classes]"
    return refused(
      "the targets are not the number of a class for each sample", [], targets, predictions, help,
      at)
  }

  private func refused(
    _ message: String, _ axes: [Int], _ targets: Expr, _ predictions: Expr, _ help: String,
    _ at: Location
  ) -> Expr {
    .invalid(
      Diagnostic(
        .targetsMismatch, "\(name): \(message)", at: at,
        evidence: [
          Diagnostic.Evidence(label: "targets", type: targets.type, markedAxes: axes),
          Diagnostic.Evidence(label: "predictions", type: predictions.type, markedAxes: axes),
        ], help: help))
  }
}

extension Diagnostic {
  static func unknownLoss(_ name: String, _ at: Location) -> Diagnostic {
    .unknownName(name, "loss", known: Loss.names, at: at)
  }
}

/// A name without its spelling: `categorical_crossentropy`, `CategoricalCrossentropy` are one.
func canonicalName(_ name: String) -> String {
  name.lowercased().filter { $0.isLetter || $0.isNumber }
}
