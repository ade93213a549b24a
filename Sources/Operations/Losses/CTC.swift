public import GnomonIR
internal import GnomonTensors

/// Connectionist temporal classification: minus the logarithm of the probability of all ways to
/// emit the labels
/// in order, with repetitions and blanks between them.
///
/// See Graves and others, *Connectionist Temporal Classification*, 2006.
///
/// - Parameters:
///   - logits: `[batch, steps, classes]`, floating-point; the number of steps is known.
///   - labels: integers in 0..<classes, `[batch, labels]`; what lies beyond an example's length
///     does not matter.
///   - logitLengths: integers `[batch]`: how many steps each example has, at least 1.
///   - labelLengths: integers `[batch]`: how many labels.
///   - blank: the class of the blank.
/// - Returns: a number for each example.
@_transparent public func ctcLoss(
  logits: Expr, labels: Expr, logitLengths: Expr, labelLengths: Expr, blank: Int = 0
) -> Expr { _ctcLoss(logits, labels, logitLengths, labelLengths, blank, .here()) }

@usableFromInline func _ctcLoss(
  _ logits: Expr, _ labels: Expr, _ logitLengths: Expr, _ labelLengths: Expr, _ blank: Int,
  _ at: Location
) -> Expr {
  let operands = [
    logits.settled(), labels.settled(.int64), logitLengths.settled(.int64),
    labelLengths.settled(.int64),
  ]
  func refused(_ refusal: Refusal) -> Expr { .refused(refusal, "ctcLoss", operands, at: at) }
  if operands.contains(where: \.isInvalid) { return refused(Refusal(.rankMismatch, "")) }
  let (x, y) = (operands[0], operands[1])
  if let bad = floatsOnly(x, "ctcLoss", at) ?? integersOnly(y, "ctcLoss", at) { return bad }
  guard x.rank == 3, y.rank == 2, let steps = x.shape[1].constant, let length = y.shape[1].constant,
    steps > 0, operands[2].rank == 1, operands[3].rank == 1
  else {
    return refused(
      Refusal(
        .rankMismatch, "logits of \(x.type) and labels of \(y.type)",
        marks: [Refusal.Mark(0), Refusal.Mark(1)],
        help:
          "they are [batch, steps, classes] and [batch, labels], with known steps and labels; lengths are [batch]"
      ))
  }
  return at.serving("ctcLoss") {
    let p = logSoftmax(x.cast(to: x.dtype.computeType))
    let classes = x.shape[2]
    // The labels with blanks around each: 2 L + 1 states.
    let states = 2 * length + 1
    let checked = y.cast(to: .int64).checked(bound: classes, .here())
    let blanks = Expr.full(Double(blank), .int64, [x.shape[0], Dim(length + 1)])
    let pairs = stack([blanks[.all, 0..<length], checked], axis: 2)
      .reshaped([x.shape[0], Dim(2 * length)])
    let path = concatenate([pairs, blanks[.all, 0..<1]], axis: 1)
    let low = Expr.constant(-1e30, p.dtype, at: .here())
    // A state may be reached from two before it unless it is a blank or repeats that one's label.
    let mayJump: Expr? =
      states > 2
      ? (path[.all, 2...] .!= Expr(Double(blank))) .& (path[.all, 2...] .!= path[.all, ..<(-2)])
      : nil
    let emitted = Expr.make(
      GatherAlong(axis: 2),
      [p, path.expanded(axis: 1).broadcast(to: [x.shape[0], x.shape[1], Dim(states)])], at: .here())
    func step(_ t: Int) -> Expr { emitted[.all, t] }
    let start = Expr.iota(Dim(states)) .< 2
    var alpha = select(start, step(0), low)
    let inputLength = operands[2].cast(to: .int64).expanded(axis: 1)
    for t in 1..<Swift.max(steps, 1) {
      let one = alpha.padded([(0, 0), (1, 0)], value: -1e30)[.all, ..<(-1)]
      var next = logAddExp(alpha, one)
      if let mayJump {
        let two = select(mayJump, alpha[.all, ..<(-2)], low)
          .padded([(0, 0), (2, 0)], value: -1e30)
        next = logAddExp(next, two)
      }
      alpha = select(Expr(Double(t)) .< inputLength, next + step(t), alpha)
    }
    // The last blank and the last label of each example.
    let end = 2 * operands[3].cast(to: .int64).expanded(axis: 1)
    let column = Expr.iota(Dim(states))
    let isLast = (column .== end) .| ((column .== end - 1) .& (end .> 0))
    return (-logSumExp(select(isLast, alpha, low), axes: [1])).cast(to: x.dtype)
  }
}

/// The labels that the most probable class of each step gives, without repetitions and blanks.
///
/// - Parameters:
///   - logits: `[batch, steps, classes]`.
///   - logitLengths: integers `[batch]`: how many steps each example has.
///   - blank: the class of the blank.
/// - Returns: labels `[batch, steps]` (int64), -1 after the last, and how many there are.
@_transparent public func ctcGreedyDecode(_ logits: Expr, logitLengths: Expr, blank: Int = 0) -> (
  labels: Expr, lengths: Expr
) { _ctcGreedyDecode(logits, logitLengths, blank, .here()) }

@usableFromInline func _ctcGreedyDecode(
  _ logits: Expr, _ logitLengths: Expr, _ blank: Int, _ at: Location
) -> (labels: Expr, lengths: Expr) {
  let x = logits.settled()
  let lengths = logitLengths.settled(.int64)
  guard !x.isInvalid, !lengths.isInvalid, x.rank == 3, lengths.rank == 1 else {
    let bad = Expr.refused(
      Refusal(
        .rankMismatch, "logits of \(x.type) and lengths of \(lengths.type)",
        marks: [Refusal.Mark(0)], help: "they are [batch, steps, classes] and [batch]"),
      "ctcGreedyDecode", [x, lengths], at: at)
    return (bad, bad)
  }
  return at.serving("ctcGreedyDecode") {
    let best = argmax(x, axis: 2)
    let column = Expr.iota(x.shape[1])
    let before = best.padded([(0, 0), (1, 0)], value: -1)[.all, ..<(-1)]
    let counts =
      (best .!= Expr(Double(blank))) .& (best .!= before)
      .& (column .< lengths.cast(to: .int64).expanded(axis: 1))
    // Those that count first, in their order.
    let order = argsort((.!counts).cast(to: .int32), axis: 1)
    let moved = Expr.make(GatherAlong(axis: 1), [best, order], at: .here())
    let count = sum(counts.cast(to: .int64), axes: [1])
    return (select(column .< count.expanded(axis: 1), moved, -1), count)
  }
}
