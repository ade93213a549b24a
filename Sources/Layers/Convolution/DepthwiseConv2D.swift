public import Gnomon

/// The convolution of each channel of images with kernels of its own:
/// `activation(conv2d(x, kernel, groups: channels) + bias)`.
///
/// - Input: `[batch, height, width, channels]`; output the same rank, with `channels · depthMultiplier`
///   channels, those of one input channel together.
/// - Weights: `kernel` `[kernel sizes..., channels, depthMultiplier]`, `bias`.
public final class DepthwiseConv2D: ConvolutionLayer {
  public let depthMultiplier: Int

  public init(
    kernelSize: PerAxis, strides: PerAxis = 1, padding: Padding = .valid, depthMultiplier: Int = 1,
    dilations: PerAxis = 1, activation: ActivationFunction? = nil, useBias: Bool = true,
    depthwiseInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, depthwiseRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    depthwiseConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    self.depthMultiplier = depthMultiplier
    super.init(
      rank: 2, filters: depthMultiplier, kernelSize: kernelSize, strides: strides,
      padding: padding, dilations: dilations, groups: 1, activation: activation, useBias: useBias,
      kernel: WeightOptions(
        initializer: depthwiseInitializer, regularizer: depthwiseRegularizer,
        constraint: depthwiseConstraint),
      bias: WeightOptions(
        initializer: biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint),
      activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
  }

  public override func build(inputShape: [Dim]) {
    let channels = inputShape[inputShape.count - 1]
    kernel = addWeight("kernel", shape: kernelShape(channels), options: kernelOptions)
    if useBias {
      bias = addWeight("bias", shape: [channels * Dim(depthMultiplier)], options: biasOptions)
    }
  }

  override func convolved(_ x: Expr) -> Expr {
    x.depthwise(kernel, strides: strides, padding: padding, dilations: dilations)
  }
}
