public import Gnomon

/// What convolutions of one, two and three dimensions share:
/// `activation(conv(x, kernel) + bias)`.
///
/// - Input: `[batch, sizes..., channels]`; output `[batch, new sizes..., filters]`.
/// - Weights: `kernel` `[kernel sizes..., channels / groups, filters]`, `bias` `[filters]`.
public class ConvolutionLayer: Layer {
  public let filters: Int
  public let kernelSize: [Int]
  public let strides: PerAxis
  public let padding: Padding
  public let dilations: PerAxis
  public let groups: Int
  public let activation: ActivationFunction?
  public let useBias: Bool
  let spatialRank: Int
  let kernelOptions: WeightOptions
  let biasOptions: WeightOptions
  let activityRegularizer: (any Regularizer)?
  public internal(set) var kernel: Expr!
  public internal(set) var bias: Expr?

  init(
    rank: Int, filters: Int, kernelSize: PerAxis, strides: PerAxis, padding: Padding,
    dilations: PerAxis, groups: Int, activation: ActivationFunction?, useBias: Bool,
    kernel: WeightOptions, bias: WeightOptions, activityRegularizer: (any Regularizer)?,
    inputShape: [Dim]?, name: String?
  ) {
    self.filters = filters
    self.kernelSize = kernelSize.spread(over: rank)
    self.strides = strides
    self.padding = padding
    self.dilations = dilations
    self.groups = groups
    self.activation = activation
    self.useBias = useBias
    spatialRank = rank
    kernelOptions = kernel
    biasOptions = bias
    self.activityRegularizer = activityRegularizer
    super.init(name: name, inputShape: inputShape)
    inputSpec = InputSpec(rank: rank + 2)
  }

  /// The kernel's shape for so many channels.
  func kernelShape(_ channels: Dim) -> [Dim] {
    kernelSize.map { Dim($0) } + [channels.quotient(dividingBy: Dim(groups)), Dim(filters)]
  }

  public override func build(inputShape: [Dim]) {
    kernel = addWeight(
      "kernel", shape: kernelShape(inputShape[inputShape.count - 1]), options: kernelOptions)
    if useBias { bias = addWeight("bias", shape: [Dim(filters)], options: biasOptions) }
  }

  /// The product of the windows and the kernel.
  func convolved(_ x: Expr) -> Expr {
    switch spatialRank {
    case 1:
      conv1d(
        x, kernel, strides: strides, padding: padding, dilations: dilations, groups: groups)
    case 2:
      conv2d(
        x, kernel, strides: strides, padding: padding, dilations: dilations, groups: groups)
    default:
      conv3d(
        x, kernel, strides: strides, padding: padding, dilations: dilations, groups: groups)
    }
  }

  public override func call(_ x: Expr) -> Expr {
    let product = convolved(x)
    let y = (bias.map { product + $0 } ?? product).activated(by: activation)
    if let activityRegularizer { addActivityLoss(activityRegularizer, y) }
    return y
  }
}

/// How a weight begins and what is asked of it.
struct WeightOptions {
  var initializer: any Initializer
  var regularizer: (any Regularizer)?
  var constraint: (any Constraint)?
}

extension Layer {
  func addWeight(_ name: String, shape: [Dim], options: WeightOptions) -> Expr {
    addWeight(
      name, shape: shape, initializer: options.initializer, regularizer: options.regularizer,
      constraint: options.constraint)
  }
}

extension PerAxis {
  /// One number for each of `rank` axes.
  func spread(over rank: Int) -> [Int] {
    values.count == 1 ? Array(repeating: values[0], count: rank) : values
  }
}
