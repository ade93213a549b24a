public import Gnomon

/// A recurrent layer that runs over a sequence in both directions: `merge(forward(x), reverse(backward(x)))`.
///
///     let x = Input(shape: [20, 8])
///     let y = Bidirectional(LSTM(32, returnSequences: true))(x)  // [batch, 20, 64]
///
/// The argument is evaluated twice, once for each direction: write the layer there rather than a variable
/// that holds one.
///
/// - Input: `[batch, steps, features]`; output that of the two layers, merged: side by side, so
///   `[batch, steps, 2 units]`, or their sum, product or mean; then the states, forward first.
/// - Weights: those of the forward layer, then those of the backward one.
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

  public init(
    _ layer: @autoclosure () -> RNN, merge: Merge = .concatenate, inputShape: [Dim]? = nil,
    name: String? = nil
  ) {
    forward = layer()
    backward = layer()
    self.merge = merge
    super.init(name: name, inputShape: inputShape ?? forward.inputShape)
    if forward !== backward { backward.goBackwards = !forward.goBackwards }
  }

  public override func call(_ inputs: [Expr]) -> [Expr] {
    guard forward !== backward else {
      return [
        refused(
          .layerInput, "both directions are the same layer", inputs,
          help: "write the layer in the call: Bidirectional(LSTM(32))", at: .here())
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
