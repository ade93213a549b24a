internal import Gnomon

extension Loss {
  /// Connectionist temporal classification with the blank 0. See `ctc(maskIndex:)`.
  public static var ctc: Loss { ctc() }

  /// Minus the logarithm of the probability of all ways to emit the labels in order, with repetitions and
  /// blanks between them: `ctcLoss(predictions, labels: targets, …)`.
  ///
  /// - Targets: integers `[batch, labels]`, `maskIndex` where a sequence of labels has ended.
  /// - Predictions: logits `[batch, steps, classes]`; the class `maskIndex` is the blank.
  /// - See Graves and others, *Connectionist Temporal Classification*, 2006.
  public static func ctc(maskIndex: Int = 0) -> Loss {
    Loss("ctc", .free) { targets, logits in
      let labels = targets.cast(to: .int64)
      let steps = size(of: logits, axis: 1).broadcast(to: [logits.shape[0]])
      let lengths = sum((labels .!= Expr(Double(maskIndex))).cast(to: .int64), axes: -1)
      return ctcLoss(
        logits: logits, labels: labels, logitLengths: steps, labelLengths: lengths, blank: maskIndex
      )
    }
  }
}
