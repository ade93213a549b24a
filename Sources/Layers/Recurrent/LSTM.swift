public import Gnomon

/// One step of `LSTM`: `i, f, g, o = x · kernel + h · recurrent_kernel + bias`,
/// `c = σ(f) c + σ(i) tanh(g)`, `h = σ(o) tanh(c)`.
///
///     let (x, h, c) = (Input(shape: [8]), Input(shape: [32]), Input(shape: [32]))
///     let (y, h1, c1): (Expr, Expr, Expr) = LSTMCell(32)(x, h, c)  // [batch, 32], [batch, 32], [batch, 32]
///
/// - Inputs: `[batch, n]` and the states, h and c, each `[batch, units]`.
/// - Weights: `kernel` `[n, 4 units]`, `recurrent_kernel` `[units, 4 units]`, `bias` `[4 units]`, in the
///   order i, f, g, o.
public final class LSTMCell: GatedCell {
  public let recurrentActivation: ActivationFunction
  public let unitForgetBias: Bool

  public init(
    _ units: Int, activation: ActivationFunction = .tanh,
    recurrentActivation: ActivationFunction = .sigmoid, useBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform,
    recurrentInitializer: any Initializer = .orthogonal(),
    biasInitializer: any Initializer = .zeros, unitForgetBias: Bool = true,
    kernelRegularizer: (any Regularizer)? = nil,
    recurrentRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, recurrentConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
    seed: UInt64? = nil, name: String? = nil
  ) {
    self.recurrentActivation = recurrentActivation
    self.unitForgetBias = unitForgetBias
    super.init(
      units, gates: 4, activation: activation, useBias: useBias,
      options: RecurrentOptions(
        kernel: WeightOptions(
          initializer: kernelInitializer, regularizer: kernelRegularizer,
          constraint: kernelConstraint),
        recurrent: WeightOptions(
          initializer: recurrentInitializer, regularizer: recurrentRegularizer,
          constraint: recurrentConstraint),
        bias: WeightOptions(
          initializer: biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint),
        dropout: dropout, recurrentDropout: recurrentDropout, seed: seed),
      name: name)
  }

  public override var stateSizes: [Int] { [units, units] }

  /// With `unitForgetBias` the gate f begins open.
  override var biasInitializer: any Initializer {
    unitForgetBias
      ? ForgetBias(units: units, others: options.bias.initializer) : options.bias.initializer
  }

  public override func step(_ x: Expr, _ states: [Expr]) -> (output: Expr, states: [Expr]) {
    let z = x + matmul(dropped(states[0]), recurrentKernel)
    let i = recurrentActivation(gate(z, 0..<1))
    let f = recurrentActivation(gate(z, 1..<2))
    let g = activation(gate(z, 2..<3))
    let o = recurrentActivation(gate(z, 3..<4))
    let c = f * states[1] + i * g
    let h = o * activation(c)
    return (h, [h, c])
  }
}

/// A recurrent layer: `i, f, g, o = x · kernel + h · recurrent_kernel + bias`,
/// `c = σ(f) c + σ(i) tanh(g)`, `h = σ(o) tanh(c)`.
///
///     let x = Input(shape: [20, 8])
///     let last = LSTM(32)(x)                        // [batch, 32]
///     let all = LSTM(32, returnSequences: true)(x)    // [batch, 20, 32]
///     let (y, h, c): (Expr, Expr, Expr) = LSTM(32, returnSequences: true, returnState: true)(x)  // [batch, 20, 32], [batch, 32], [batch, 32]
///
/// - Input: `[batch, steps, n]`, then perhaps the initial states; output `[batch, units]`, or
///   `[batch, steps, units]` with `returnSequences`, then the states with `returnState`.
/// - Weights: `kernel` `[n, 4 units]`, `recurrent_kernel` `[units, 4 units]`, `bias` `[4 units]`, in the
///   order i, f, g, o.
/// - Mask: steps that it excludes leave the state as it is; their output is the one before, or zeros
///   with `zeroOutputForMask`.
/// - See Hochreiter and Schmidhuber, *Long Short-Term Memory*, 1997.
public final class LSTM: RNN {
  override init(_ cell: RNNCell, loop: LoopOptions) { super.init(cell, loop: loop) }

  public init(
    _ units: Int, activation: ActivationFunction = .tanh,
    recurrentActivation: ActivationFunction = .sigmoid, useBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform,
    recurrentInitializer: any Initializer = .orthogonal(),
    biasInitializer: any Initializer = .zeros, unitForgetBias: Bool = true,
    kernelRegularizer: (any Regularizer)? = nil,
    recurrentRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, recurrentConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
    seed: UInt64? = nil, returnSequences: Bool = false, returnState: Bool = false,
    goBackwards: Bool = false, stateful: Bool = false, zeroOutputForMask: Bool = false,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    super.init(
      LSTMCell(
        units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
        kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
        biasInitializer: biasInitializer, unitForgetBias: unitForgetBias,
        kernelRegularizer: kernelRegularizer,
        recurrentRegularizer: recurrentRegularizer, biasRegularizer: biasRegularizer,
        kernelConstraint: kernelConstraint, recurrentConstraint: recurrentConstraint,
        biasConstraint: biasConstraint, dropout: dropout, recurrentDropout: recurrentDropout,
        seed: seed),
      returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
      stateful: stateful, zeroOutputForMask: zeroOutputForMask, inputShape: inputShape, name: name)
  }
}
