public import Gnomon

/// One step of a recurrent layer: what it makes of an input and a state.
///
///     final class Leaky: RNNCell {
///       let units: Int
///       var kernel: Expr!
///       init(_ units: Int) { self.units = units; super.init() }
///       override var stateSizes: [Int] { [units] }
///       override func build(inputShape: [Dim]) {
///         kernel = addWeight("kernel", shape: [inputShape.last!, Dim(units)])
///       }
///       override func step(_ x: Expr, _ states: [Expr]) -> (output: Expr, states: [Expr]) {
///         let h = 0.9 * states[0] + tanh(matmul(x, kernel))
///         return (h, [h])
///       }
///     }
///     let x = Input(shape: [20, 8])
///     let y = RNN(Leaky(32))(x)                     // [batch, 32]
///
/// Called as a layer it does one step: `cell([x] + states)` gives the output and the next states.
open class RNNCell: Layer {
  /// The sizes of the states, each `[batch, size]`.
  open var stateSizes: [Int] { [] }
  /// The size of the output; by default that of the first state.
  open var outputSize: Int { stateSizes.first ?? 0 }
  /// Whether the output is the first of the next states, so that it need not be kept twice.
  open var outputIsFirstState: Bool { false }

  /// The output and the next states.
  ///
  /// - Parameters:
  ///   - x: one step of what `prepare` made, `[batch, ...]`.
  ///   - states: one for each of `stateSizes`.
  open func step(_ x: Expr, _ states: [Expr]) -> (output: Expr, states: [Expr]) {
    (refused(.layerInput, "\(type(of: self)) has no step", [x], at: .here()), states)
  }

  /// What can be made of all steps at once, before the loop: `[batch, steps, features]` or one step
  /// `[batch, features]`. By default the inputs themselves.
  open func prepare(_ x: Expr) -> Expr { x }

  /// Called once before the loop, where the cell can draw what is the same for all steps.
  open func begin(_ x: Expr) {}

  open override func call(_ inputs: [Expr]) -> [Expr] {
    guard inputs.count == stateSizes.count + 1 else {
      return [
        refused(
          .layerInput,
          "the cell takes an input and \(stateSizes.count) states, not"
            + " \(inputs.count) values", inputs, at: .here())
      ]
    }
    begin(inputs[0])
    let (output, states) = step(prepare(inputs[0]), Array(inputs.dropFirst()))
    return [output] + states
  }
}
