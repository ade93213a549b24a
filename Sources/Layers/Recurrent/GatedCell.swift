public import Gnomon

/// What the built-in cells share: `units`, kernels of inputs and of states, a bias, dropout.
public class GatedCell: RNNCell {
  public let units: Int
  public let activation: ActivationFunction
  public let useBias: Bool
  let options: RecurrentOptions
  let gates: Int
  var kernel: Expr!
  var recurrentKernel: Expr!
  var bias: Expr?
  private var inputDropout: RecurrentDropout!
  private var stateDropout: RecurrentDropout!

  init(
    _ units: Int, gates: Int, activation: ActivationFunction, useBias: Bool,
    options: RecurrentOptions, name: String?
  ) {
    self.units = units
    self.gates = gates
    self.activation = activation
    self.useBias = useBias
    self.options = options
    super.init(name: name)
  }

  public override var stateSizes: [Int] { [units] }
  public override var outputIsFirstState: Bool { true }
  var biasShape: [Dim] { [Dim(gates * units)] }
  var biasInitializer: any Initializer { options.bias.initializer }

  public override func build(inputShape: [Dim]) {
    let width = Dim(gates * units)
    kernel = addWeight(
      "kernel", shape: [inputShape[inputShape.count - 1], width], options: options.kernel)
    recurrentKernel = addWeight(
      "recurrent_kernel", shape: [Dim(units), width], options: options.recurrent)
    if useBias {
      var own = options.bias
      own.initializer = biasInitializer
      bias = addWeight("bias", shape: biasShape, options: own)
    }
    inputDropout = RecurrentDropout(options.dropout, self, seed: options.seed)
    // Another stream, or inputs and states would drop the same places.
    stateDropout = RecurrentDropout(
      options.recurrentDropout, self, seed: options.seed.map { $0 &+ 1 })
  }

  public override func begin(_ x: Expr) {
    inputDropout.draw(x.shape[0], x.shape[x.rank - 1], x.dtype)
    stateDropout.draw(x.shape[0], Dim(units), x.dtype)
  }

  /// The products of all steps with the kernel are one product, before the loop.
  public override func prepare(_ x: Expr) -> Expr {
    let product = matmul(inputDropout(x), kernel)
    return inputBias.map { product + $0 } ?? product
  }

  /// The bias that is added to the inputs' products.
  var inputBias: Expr? { bias }

  /// The state as the gates see it.
  func dropped(_ h: Expr) -> Expr { stateDropout(h) }

  /// The part of a row of gates that belongs to the gates of a range.
  func gate(_ x: Expr, _ range: Range<Int>) -> Expr {
    x.sliced(axis: x.rank - 1, (range.lowerBound * units)..<(range.upperBound * units))
  }

  package override var stateIsFrozenWithWeights: Bool { false }
}

/// How a recurrent layer's weights begin, what is asked of them, and what is dropped.
struct RecurrentOptions {
  var kernel: WeightOptions
  var recurrent: WeightOptions
  var bias: WeightOptions
  var dropout: Double
  var recurrentDropout: Double
  var seed: UInt64?
}
