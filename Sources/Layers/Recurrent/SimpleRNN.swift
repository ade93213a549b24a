public import Gnomon

/// One step of `SimpleRNN`: `h = activation(x · kernel + h · recurrent_kernel + bias)`.
///
///     let (x, h) = (Input(shape: [8]), Input(shape: [32]))
///     let (y, h1): (Expr, Expr) = SimpleRNNCell(32)(x, h)  // [batch, 32], [batch, 32]
///
/// - Inputs: `[batch, n]` and the states, h, each `[batch, units]`.
/// - Weights: `kernel` `[n, units]`, `recurrent_kernel` `[units, units]`, `bias` `[units]`.
public final class SimpleRNNCell: GatedCell {

  public init(
    _ units: Int, activation: ActivationFunction = .tanh, useBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform,
    recurrentInitializer: any Initializer = .orthogonal(),
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    recurrentRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, recurrentConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
    seed: UInt64? = nil, name: String? = nil
  ) {
    super.init(
      units, gates: 1, activation: activation, useBias: useBias,
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

  public override func step(_ x: Expr, _ states: [Expr]) -> (output: Expr, states: [Expr]) {
    let h = activation(x + matmul(dropped(states[0]), recurrentKernel))
    return (h, [h])
  }
}

/// A recurrent layer: `h = activation(x · kernel + h · recurrent_kernel + bias)`.
///
///     let x = Input(shape: [20, 8])
///     let last = SimpleRNN(32)(x)                   // [batch, 32]
///     let all = SimpleRNN(32, returnSequences: true)(x)  // [batch, 20, 32]
///     let (y, h): (Expr, Expr) = SimpleRNN(32, returnSequences: true, returnState: true)(x)  // [batch, 20, 32], [batch, 32]
///
/// - Input: `[batch, steps, n]`, then perhaps the initial states; output `[batch, units]`, or
///   `[batch, steps, units]` with `returnSequences`, then the states with `returnState`.
/// - Weights: `kernel` `[n, units]`, `recurrent_kernel` `[units, units]`, `bias` `[units]`.
/// - Mask: steps that it excludes leave the state as it is; their output is the one before, or zeros
///   with `zeroOutputForMask`.
public final class SimpleRNN: RNN {
  override init(_ cell: RNNCell, loop: LoopOptions) { super.init(cell, loop: loop) }

  public init(
    _ units: Int, activation: ActivationFunction = .tanh, useBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform,
    recurrentInitializer: any Initializer = .orthogonal(),
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    recurrentRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, recurrentConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
    seed: UInt64? = nil, returnSequences: Bool = false, returnState: Bool = false,
    goBackwards: Bool = false, stateful: Bool = false, zeroOutputForMask: Bool = false,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    super.init(
      SimpleRNNCell(
        units, activation: activation, useBias: useBias,
        kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
        biasInitializer: biasInitializer, kernelRegularizer: kernelRegularizer,
        recurrentRegularizer: recurrentRegularizer, biasRegularizer: biasRegularizer,
        kernelConstraint: kernelConstraint, recurrentConstraint: recurrentConstraint,
        biasConstraint: biasConstraint, dropout: dropout, recurrentDropout: recurrentDropout,
        seed: seed),
      returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
      stateful: stateful, zeroOutputForMask: zeroOutputForMask, inputShape: inputShape, name: name)
  }
}
