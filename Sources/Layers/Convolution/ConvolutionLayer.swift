public import Gnomon

/// What the convolutions share: `activation(convolved(x) + bias)`.
///
/// - Input: `[batch, sizes..., channels]`; output `[batch, new sizes..., filters]`.
public class ConvolutionLayer: SpatialLayer {
  public let filters: Int
  public let kernelSize: [Int]
  public let strides: PerAxis
  public let padding: Padding
  public let dilations: PerAxis
  public let activation: ActivationFunction?
  public let useBias: Bool
  let kernelOptions: WeightOptions
  let biasOptions: WeightOptions
  let activityRegularizer: (any Regularizer)?
  public internal(set) var kernel: Expr!
  public internal(set) var bias: Expr?

  init(
    filters: Int, kernelSize: PerAxis, strides: PerAxis, padding: Padding, dilations: PerAxis,
    activation: ActivationFunction?, useBias: Bool, kernel: WeightOptions, bias: WeightOptions,
    activityRegularizer: (any Regularizer)?, inputShape: [Dim]?, name: String?
  ) {
    self.filters = filters
    self.kernelSize = kernelSize.spread(over: Self.spatialRank)
    self.strides = strides
    self.padding = padding
    self.dilations = dilations
    self.activation = activation
    self.useBias = useBias
    kernelOptions = kernel
    biasOptions = bias
    self.activityRegularizer = activityRegularizer
    super.init(inputShape: inputShape, name: name)
  }

  /// Makes the kernels for so many channels.
  func buildKernels(_ channels: Dim) {}

  /// The number of channels of the output, for so many of the input.
  func outputChannels(_ channels: Dim) -> Dim { Dim(filters) }

  /// The product of the windows and the kernels.
  func convolved(_ x: Expr) -> Expr { x }

  public override func build(inputShape: [Dim]) {
    let channels = inputShape[inputShape.count - 1]
    buildKernels(channels)
    if useBias { bias = addWeight("bias", shape: [outputChannels(channels)], options: biasOptions) }
  }

  public override func call(_ x: Expr) -> Expr {
    let product = convolved(x)
    let y = (bias.map { product + $0 } ?? product).activated(by: activation)
    if let activityRegularizer { addActivityLoss(activityRegularizer, y) }
    return y
  }
}
