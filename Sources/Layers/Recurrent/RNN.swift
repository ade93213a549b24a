public import Gnomon
internal import GnomonTensors

/// A loop over the steps of a sequence, with a cell that says what a step is: `h = cell(x[t], h)`.
///
///     let x = Input(shape: [20, 8])
///     let last = RNN(LSTMCell(32))(x)               // [batch, 32]
///     let all = RNN(StackedRNNCells([LSTMCell(32), GRUCell(16)]), returnSequences: true)(x)  // [batch, 20, 16]
///
/// - Input: `[batch, steps, features]`, then perhaps the initial states, which are else zeros.
/// - Output: of the last step, `[batch, size]`, or of all steps with `returnSequences`; then with
///   `returnState` the last states.
/// - Weights: those of the cell.
/// - Mask: steps that it excludes leave the states. Their output is the one before, where it is a state
///   also the initial one, else at first zeros; or zeros with `zeroOutputForMask`.
open class RNN: Layer {
  public let cell: RNNCell
  public let returnSequences: Bool
  public let returnState: Bool
  /// Whether the loop begins at the last step; a returned sequence is then in the order of the loop.
  public internal(set) var goBackwards: Bool
  /// Whether a call begins with the states with which the one before ended.
  public let stateful: Bool
  /// Whether the output of steps that the mask excludes is zeros, not the output before.
  public internal(set) var zeroOutputForMask: Bool
  private var kept: [Expr] = []

  /// - Parameter stateful: needs a batch size that is known, since the states are variables.
  public init(
    _ cell: RNNCell, returnSequences: Bool = false, returnState: Bool = false,
    goBackwards: Bool = false, stateful: Bool = false, zeroOutputForMask: Bool = false,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    self.cell = cell
    self.returnSequences = returnSequences
    self.returnState = returnState
    self.goBackwards = goBackwards
    self.stateful = stateful
    self.zeroOutputForMask = zeroOutputForMask
    super.init(name: name, inputShape: inputShape)
  }

  init(_ cell: RNNCell, loop: LoopOptions) {
    self.cell = cell
    returnSequences = loop.returnSequences
    returnState = loop.returnState
    goBackwards = loop.goBackwards
    stateful = loop.stateful
    zeroOutputForMask = loop.zeroOutputForMask
    super.init(name: loop.name, inputShape: loop.inputShape)
  }

  /// Sets the kept states of a stateful layer to zeros.
  public final func resetStates() {
    for state in kept { state.value = .zeros(state.dtype, state.shape.map { $0.constant! }) }
  }

  open override func call(_ inputs: [Expr]) -> [Expr] {
    let x = inputs[0]
    guard x.rank >= 3 else {
      return [
        refused(
          .layerInput, "expects a sequence [batch, steps, features]", inputs,
          marks: [], help: "an input of one step gets an axis by x.expanded(axis: 1)", at: .here())
      ]
    }
    adopt(cell)
    cell.buildOnce([x])
    if let mistake = cell.mistakes.first { return [mistake] }
    if let mistake = keepStates(x) { return [mistake] }
    let states = initialStates(inputs)
    guard states.count == cell.stateSizes.count else {
      return [
        refused(
          .layerInput, "expects \(cell.stateSizes.count) initial states, not \(states.count)",
          inputs, at: .here())
      ]
    }
    cell.begin(x)
    let (output, last) = loop(cell.prepare(x), states, mask: x.mask)
    for (variable, state) in zip(kept, last) {
      addUpdate(variable, inTrainingOnly: false) { _ in state }
    }
    return returnState ? [output] + last : [output]
  }

  /// The output, of all steps or of the last, and the last states.
  private func loop(_ rows: Expr, _ states: [Expr], mask: Expr?) -> (Expr, [Expr]) {
    let cell = cell
    let n = states.count
    // The output before is handed from step to step only where it is no state already.
    let carriesOutput = !cell.outputIsFirstState
    let start = Expr.zeros(rows.dtype, [rows.shape[0], Dim(cell.outputSize)])
    var sequences = [rows.swapAxes(0, 1)]
    if let mask { sequences.append(mask.transposed().expanded(axis: 2)) }
    let scanned = scan(
      sequences, from: states + (carriesOutput ? [start] : []), reversed: goBackwards
    ) { carried, row in
      var (output, next) = cell.step(row[0], Array(carried.prefix(n)))
      if row.count == 2 {
        next = zip(next, carried).map { select(row[1], $0, $1) }
        output = carriesOutput ? select(row[1], output, carried[n]) : next[0]
      }
      return next + (carriesOutput ? [output] : [])
    }
    let output = scanned[carriesOutput ? n : 0]
    let last = scanned.prefix(n).map(\.last)
    let shown = zeroOutputForMask ? mask?.transposed().expanded(axis: 2) : nil
    guard returnSequences else {
      let end = shown.map { $0[goBackwards ? 0 : -1] }
      return (end.map { select($0, output.last, 0) } ?? output.last, last)
    }
    let kept = shown.map { select($0, output.every, 0) } ?? output.every
    let every = goBackwards ? kept.flipped(axes: 0) : kept
    return (every.swapAxes(0, 1), last)
  }

  // MARK: - States

  private func initialStates(_ inputs: [Expr]) -> [Expr] {
    if inputs.count > 1 { return Array(inputs.dropFirst()) }
    if stateful { return kept }
    return cell.stateSizes.map { .zeros(inputs[0].dtype, [inputs[0].shape[0], Dim($0)]) }
  }

  private func keepStates(_ x: Expr) -> Expr? {
    guard stateful, kept.isEmpty else { return nil }
    guard let batch = x.shape[0].constant else {
      return refused(
        .layerInput, "a stateful layer needs a batch size that is known", [x],
        marks: [], help: "make the input by Input(shape: …, batch: 32)", at: .here())
    }
    kept = cell.stateSizes.enumerated().map { i, size in
      addState("state_\(i)", .zeros(x.dtype, [batch, size]))
    }
    return nil
  }

  package override var stateIsFrozenWithWeights: Bool { false }
  package override var runsUserCode: Bool { cell.runsUserCode }

  open override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? {
    returnSequences ? masks[0] : nil
  }
}

/// How a recurrent layer runs over its sequence.
struct LoopOptions {
  var returnSequences = false
  var returnState = false
  var goBackwards = false
  var stateful = false
  var zeroOutputForMask = false
  var inputShape: [Dim]?
  var name: String?
}
