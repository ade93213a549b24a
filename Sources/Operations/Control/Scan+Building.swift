public import GnomonIR
public import GnomonTensors

/// What a loop gives for one of its carries.
public struct Scanned: Sendable {
  /// The value after each step: row `p` is what the step at row `p` gave.
  public let every: Expr
  /// The value after the last step; the initial one if there were no steps.
  public let last: Expr
}

/// A loop over the rows of a sequence: each step makes the next state from the state and a row.
///
///     let h = scan(xs, from: h0) { h, x in tanh(matmul(x, wx) + matmul(h, wh)) }
///     h.last       // after the last row
///     h.every      // after each, stacked along a new first axis
///
/// The step may use any expression from outside. What nobody reads is not kept: with `last` alone,
/// memory does not grow with the length. The state keeps its type (G0020). Over no rows, `last` is
/// the initial state.
///
/// - Parameters:
///   - sequence: a tensor with at least one axis; the loop runs along the first.
///   - initial: the state before the first step.
///   - reversed: whether to begin at the last row. Row `p` of `every` belongs to row `p` all the same.
///   - truncatingGradient: how many steps, counted from the last one, derivatives go back;
///     through all when nil.
///   - step: the next state from the state and a row.
@_transparent public func scan(
  _ sequence: Expr, from initial: Expr, reversed: Bool = false, truncatingGradient: Int? = nil,
  _ step: (Expr, Expr) -> Expr
) -> Scanned {
  _scan([sequence], [initial], nil, reversed, truncatingGradient, .here()) { [step($0[0], $1[0])] }[
    0]
}

/// A loop over the rows of a sequence with a state of two values.
@_transparent public func scan(
  _ sequence: Expr, from initial: (Expr, Expr), reversed: Bool = false,
  truncatingGradient: Int? = nil, _ step: (Expr, Expr, Expr) -> (Expr, Expr)
) -> (Scanned, Scanned) {
  let s = _scan(
    [sequence], [initial.0, initial.1], nil, reversed, truncatingGradient, .here()
  ) {
    let next = step($0[0], $0[1], $1[0])
    return [next.0, next.1]
  }
  return (s[0], s[1])
}

/// A loop over the rows of several sequences with a state of several values.
///
///     let s = scan([xs, mask], from: [h0, c0]) { state, rows in … }
@_transparent public func scan(
  _ sequences: [Expr], from initial: [Expr], reversed: Bool = false,
  truncatingGradient: Int? = nil, _ step: (_ state: [Expr], _ rows: [Expr]) -> [Expr]
) -> [Scanned] {
  _scan(sequences, initial, nil, reversed, truncatingGradient, .here(), step)
}

/// A loop of a number of steps.
///
///     let power = scan(steps: 1000, from: Expr.ones(.float32, [n])) { $0 * a }.last
@_transparent public func scan(
  steps: Dim, from initial: Expr, truncatingGradient: Int? = nil, _ step: (Expr) -> Expr
) -> Scanned {
  _scan([], [initial], steps, false, truncatingGradient, .here()) { state, _ in [step(state[0])] }[
    0]
}

/// A loop of a number of steps with a state of two values.
@_transparent public func scan(
  steps: Dim, from initial: (Expr, Expr), truncatingGradient: Int? = nil,
  _ step: (Expr, Expr) -> (Expr, Expr)
) -> (Scanned, Scanned) {
  let s = _scan([], [initial.0, initial.1], steps, false, truncatingGradient, .here()) {
    state, _ in
    let next = step(state[0], state[1])
    return [next.0, next.1]
  }
  return (s[0], s[1])
}

/// A loop of a number of steps with a state of three values.
@_transparent public func scan(
  steps: Dim, from initial: (Expr, Expr, Expr), truncatingGradient: Int? = nil,
  _ step: (Expr, Expr, Expr) -> (Expr, Expr, Expr)
) -> (Scanned, Scanned, Scanned) {
  let s = _scan(
    [], [initial.0, initial.1, initial.2], steps, false, truncatingGradient, .here()
  ) { state, _ in
    let next = step(state[0], state[1], state[2])
    return [next.0, next.1, next.2]
  }
  return (s[0], s[1], s[2])
}

/// A loop of a number of steps with a state of several values.
@_transparent public func scan(
  steps: Dim, from initial: [Expr], truncatingGradient: Int? = nil,
  _ step: (_ state: [Expr]) -> [Expr]
) -> [Scanned] {
  _scan([], initial, steps, false, truncatingGradient, .here()) { state, _ in step(state) }
}

/// The general loop: each step gives the next state and, apart from it, outputs that are kept.
///
///     let (last, outputs) = scan([xs], carrying: [h0]) { state, rows in
///       let h = tanh(matmul(rows[0], wx) + matmul(state[0], wh))
///       return ([h], [softmax(matmul(h, wo))])
///     }
///
/// - Parameters:
///   - sequences: at least one, all of the same length; the loop runs along the first axes.
///   - initial: the state before the first step; it may be empty.
/// - Returns: the state after the last step, and the outputs of all steps, stacked along a new first
///   axis.
@_transparent public func scan(
  _ sequences: [Expr], carrying initial: [Expr], reversed: Bool = false,
  truncatingGradient: Int? = nil,
  _ step: (_ state: [Expr], _ rows: [Expr]) -> (state: [Expr], outputs: [Expr])
) -> (last: [Expr], outputs: [Expr]) {
  _scanOutputs(sequences, initial, nil, reversed, truncatingGradient, .here(), step)
}

@usableFromInline func _scan(
  _ sequences: [Expr], _ initial: [Expr], _ steps: Dim?, _ reversed: Bool, _ truncation: Int?,
  _ at: Location, _ step: ([Expr], [Expr]) -> [Expr]
) -> [Scanned] {
  let (last, every) = _scanOutputs(sequences, initial, steps, reversed, truncation, at) {
    state, rows in
    let next = step(state, rows)
    return (next, next)
  }
  // A step that gave too few values has made all of them invalid.
  return initial.indices.map {
    Scanned(every: every.count > $0 ? every[$0] : last[$0], last: last[$0])
  }
}

@usableFromInline func _scanOutputs(
  _ sequences: [Expr], _ initial: [Expr], _ steps: Dim?, _ reversed: Bool, _ truncation: Int?,
  _ at: Location, _ step: ([Expr], [Expr]) -> (state: [Expr], outputs: [Expr])
) -> (last: [Expr], outputs: [Expr]) {
  let dtype =
    (initial + sequences).first { $0.literalValue == nil && !$0.isInvalid && $0.dtype.isFloat }?
    .dtype ?? .float32
  let initial = initial.map { $0.settled(dtype) }
  let sequences = sequences.map { $0.settled() }
  let loop = LoopBuilder("scan", at)
  let state = initial.enumerated().map { loop.parameter($1, "state \($0)") }
  let rows = sequences.enumerated().map { loop.row(of: $1, "row of sequence \($0)") }
  var (next, outputs) = step(state, rows)
  for i in next.indices where i < initial.count { next[i] = next[i].settled(initial[i].dtype) }
  outputs = outputs.map { $0.settled(dtype) }
  for i in outputs.indices where i < next.count && outputs[i].literalValue != nil {
    outputs[i] = next[i]
  }
  func all(_ e: Expr) -> ([Expr], [Expr]) { (initial.map { _ in e }, outputs.map { _ in e }) }
  if let invalid = loop.invalid(initial + sequences + next + outputs) { return all(invalid) }
  let rule = "\(Scan.mnemonic) C3: \(Scan.constraints[2])"
  if let mistake = loop.mismatch(initial, next, rule: rule) { return all(mistake) }
  guard let length = steps ?? sequences.first.flatMap({ $0.shape.first }) else {
    return all(
      .refused(
        Refusal(
          .loopMalformed,
          sequences.isEmpty
            ? "there is nothing to loop over" : "a sequence is a scalar, which has no rows",
          help: "give a sequence with at least one axis, or the number of `steps`"), "scan",
        sequences, at: at))
  }
  let captures = loop.captures(of: next + outputs)
  let op = Scan(
    carries: initial.count, sequences: sequences.count, length: length, isReversed: reversed,
    truncation: truncation)
  let results = Expr.apply(
    op, initial + sequences + captures,
    regions: [Body(parameters: state + rows + captures, results: next + outputs)], at: at)
  guard results.count == next.count + outputs.count, results.first?.isInvalid != true else {
    return all(results.first ?? loop.nothing)
  }
  return (Array(results[..<initial.count]), Array(results[initial.count...]))
}
