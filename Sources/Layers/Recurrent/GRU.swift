public import Gnomon

/// One step of `GRU`: `z, r = σ(x · K + h · R + b)`, `g = tanh(x · K + r (h · R + b'))`,
/// `h = z h + (1 - z) g`.
///
///     let (x, h) = (Input(shape: [8]), Input(shape: [32]))
///     let (y, h1): (Expr, Expr) = GRUCell(32)(x, h)  // [batch, 32], [batch, 32]
///
/// - Inputs: `[batch, n]` and the states, h, each `[batch, units]`.
/// - Weights: `kernel` `[n, 3 units]`, `recurrent_kernel` `[units, 3 units]`, `bias` `[2, 3 units]`, for
///   inputs and states, in the order z, r, g. Without `resetAfter`, r applies before the product with
///   `recurrent_kernel`, and `bias` is `[3 units]`.
public final class GRUCell: GatedCell {
  public let recurrentActivation: ActivationFunction
  public let resetAfter: Bool

  public init(
    _ units: Int, activation: ActivationFunction = .tanh,
    recurrentActivation: ActivationFunction = .sigmoid, useBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform,
    recurrentInitializer: any Initializer = .orthogonal(),
    biasInitializer: any Initializer = .zeros, resetAfter: Bool = true,
    kernelRegularizer: (any Regularizer)? = nil,
    recurrentRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, recurrentConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
    seed: UInt64? = nil, name: String? = nil
  ) {
    self.recurrentActivation = recurrentActivation
    self.resetAfter = resetAfter
    super.init(
      units, gates: 3, activation: activation, useBias: useBias,
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

  override var biasShape: [Dim] {
    resetAfter ? [2, Dim(3 * units)] : [Dim(3 * units)]
  }
  override var inputBias: Expr? { resetAfter ? bias.map { $0[0] } : bias }

  public override func step(_ x: Expr, _ states: [Expr]) -> (output: Expr, states: [Expr]) {
    let h = states[0]
    let seen = dropped(h)
    let (z, g): (Expr, Expr)
    if resetAfter {
      let product = matmul(seen, recurrentKernel)
      let inner = bias.map { product + $0[1] } ?? product
      z = recurrentActivation(gate(x, 0..<1) + gate(inner, 0..<1))
      let r = recurrentActivation(gate(x, 1..<2) + gate(inner, 1..<2))
      g = activation(gate(x, 2..<3) + r * gate(inner, 2..<3))
    } else {
      let inner = matmul(seen, gate(recurrentKernel, 0..<2))
      z = recurrentActivation(gate(x, 0..<1) + gate(inner, 0..<1))
      let r = recurrentActivation(gate(x, 1..<2) + gate(inner, 1..<2))
      g = activation(gate(x, 2..<3) + matmul(r * seen, gate(recurrentKernel, 2..<3)))
    }
    let next = z * h + (1 - z) * g
    return (next, [next])
  }
}

/// A recurrent layer: `z, r = σ(x · K + h · R + b)`, `g = tanh(x · K + r (h · R + b'))`,
/// `h = z h + (1 - z) g`.
///
///     let x = Input(shape: [20, 8])
///     let last = GRU(32)(x)                         // [batch, 32]
///     let all = GRU(32, returnSequences: true)(x)     // [batch, 20, 32]
///     let (y, h): (Expr, Expr) = GRU(32, returnSequences: true, returnState: true)(x)  // [batch, 20, 32], [batch, 32]
///
/// - Input: `[batch, steps, n]`, then perhaps the initial states; output `[batch, units]`, or
///   `[batch, steps, units]` with `returnSequences`, then the states with `returnState`.
/// - Weights: `kernel` `[n, 3 units]`, `recurrent_kernel` `[units, 3 units]`, `bias` `[2, 3 units]`, for
///   inputs and states, in the order z, r, g. Without `resetAfter`, r applies before the product with
///   `recurrent_kernel`, and `bias` is `[3 units]`.
/// - Mask: steps that it excludes leave the state as it is; their output is the one before, or zeros
///   with `zeroOutputForMask`.
/// - See Cho and others, *Learning Phrase Representations using RNN Encoder-Decoder*, 2014.
public final class GRU: RNN {
  override init(_ cell: RNNCell, loop: LoopOptions) { super.init(cell, loop: loop) }

  public init(
    _ units: Int, activation: ActivationFunction = .tanh,
    recurrentActivation: ActivationFunction = .sigmoid, useBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform,
    recurrentInitializer: any Initializer = .orthogonal(),
    biasInitializer: any Initializer = .zeros, resetAfter: Bool = true,
    kernelRegularizer: (any Regularizer)? = nil,
    recurrentRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, recurrentConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
    seed: UInt64? = nil, returnSequences: Bool = false, returnState: Bool = false,
    goBackwards: Bool = false, stateful: Bool = false, zeroOutputForMask: Bool = false,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    super.init(
      GRUCell(
        units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
        kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
        biasInitializer: biasInitializer, resetAfter: resetAfter,
        kernelRegularizer: kernelRegularizer,
        recurrentRegularizer: recurrentRegularizer, biasRegularizer: biasRegularizer,
        kernelConstraint: kernelConstraint, recurrentConstraint: recurrentConstraint,
        biasConstraint: biasConstraint, dropout: dropout, recurrentDropout: recurrentDropout,
        seed: seed),
      returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
      stateful: stateful, zeroOutputForMask: zeroOutputForMask, inputShape: inputShape, name: name)
  }
}
