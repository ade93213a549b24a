public import Gnomon

/// A recurrent layer that runs over a sequence in both directions: `merge(forward(x), reverse(backward(x)))`.
///
///     let x = Input(shape: [20, 8])
///     let y = Bidirectional(LSTM(32, returnSequences: true))(x)  // [batch, 20, 64]
///
/// The argument is evaluated twice, once for each direction: write the layer there rather than a variable
/// that holds one. Another layer may run backwards: `Bidirectional(LSTM(32), backward: GRU(16))`.
///
/// - Input: `[batch, steps, features]`; output that of the two layers, merged: side by side, so
///   `[batch, steps, 2 units]`, or their sum, product or mean; then the states, forward first.
/// - Weights: those of the forward layer, then those of the backward one.
/// - Mask: steps that it excludes leave the states of both; in a sequence their outputs are zeros.
/// - See Schuster and Paliwal, *Bidirectional Recurrent Neural Networks*, 1997.
public final class Bidirectional: Layer {
  /// How the outputs of the two directions become one.
  public enum Merge: Sendable {
    case concatenate, sum, product, average
    /// They stay two outputs.
    case none
  }

  public let forward: RNN
  public let backward: RNN
  public let merge: Merge

  /// - Parameters:
  ///   - layer: the forward layer, and its mirror image.
  ///   - backward: the backward layer, where it is another. It returns sequences and states as the
  ///     forward one does.
  public init(
    _ layer: @autoclosure () -> RNN, backward: RNN? = nil, merge: Merge = .concatenate,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    forward = layer()
    self.backward = backward ?? layer()
    self.merge = merge
    super.init(name: name, inputShape: inputShape ?? forward.inputShape)
    guard forward !== self.backward else { return }
    self.backward.goBackwards = !forward.goBackwards
    // Merged with what the other direction has seen, an output from before would be of another step.
    for direction in [forward, self.backward] {
      direction.zeroOutputForMask = direction.returnSequences
    }
  }

  public override func call(_ inputs: [Expr]) -> [Expr] {
    guard forward !== backward else {
      return [
        refused(
          .layerInput, "both directions are the same layer", inputs,
          help: "write the layer in the call: Bidirectional(LSTM(32))", at: .here())
      ]
    }
    guard forward.returnSequences == backward.returnSequences,
      forward.returnState == backward.returnState
    else {
      return [
        refused(
          .layerInput, "the directions differ in returnSequences or returnState", inputs,
          help: "give both layers the same", at: .here())
      ]
    }
    let states = (inputs.count - 1) / 2
    let x = inputs[0]
    let a = forward._apply([x] + inputs[1..<(1 + states)], .here())
    let b = backward._apply([x] + inputs[(1 + states)...], .here())
    if let bad = (a + b).first(where: \.isInvalid) { return [bad] }
    let back = backward.returnSequences ? b[0].flipped(axes: 1) : b[0]
    return merged(a[0], back) + a.dropFirst() + b.dropFirst()
  }

  private func merged(_ a: Expr, _ b: Expr) -> [Expr] {
    switch merge {
    case .concatenate: [concatenate([a, b], axis: -1)]
    case .sum: [a + b]
    case .product: [a * b]
    case .average: [(a + b) / 2.0]
    case .none: [a, b]
    }
  }

  package override var runsUserCode: Bool { forward.runsUserCode }

  public override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? {
    forward.returnSequences ? masks[0] : nil
  }
}
