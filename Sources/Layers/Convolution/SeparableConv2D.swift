public import Gnomon

/// A convolution of images in two parts, first of each channel alone, then across channels at each
/// position: `activation(pointwise(depthwise(x)) + bias)`.
///
/// - Input: `[batch, height, width, channels]`; output the same rank, with `filters` channels.
/// - Weights: `depthwise_kernel` `[kernel sizes..., channels, depthMultiplier]`, `pointwise_kernel`
///   `[1..., channels · depthMultiplier, filters]`, `bias` `[filters]`.
public final class SeparableConv2D: ConvolutionLayer {
  public let depthMultiplier: Int
  private let pointwiseOptions: WeightOptions
  private var pointwiseKernel: Expr!

  public init(
    _ filters: Int, kernelSize: PerAxis, strides: PerAxis = 1, padding: Padding = .valid,
    depthMultiplier: Int = 1, dilations: PerAxis = 1, activation: ActivationFunction? = nil,
    useBias: Bool = true, depthwiseInitializer: any Initializer = .glorotUniform,
    pointwiseInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, depthwiseRegularizer: (any Regularizer)? = nil,
    pointwiseRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, depthwiseConstraint: (any Constraint)? = nil,
    pointwiseConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    self.depthMultiplier = depthMultiplier
    pointwiseOptions = WeightOptions(
      initializer: pointwiseInitializer, regularizer: pointwiseRegularizer,
      constraint: pointwiseConstraint)
    super.init(
      rank: 2, filters: filters, kernelSize: kernelSize, strides: strides, padding: padding,
      dilations: dilations, groups: 1, activation: activation, useBias: useBias,
      kernel: WeightOptions(
        initializer: depthwiseInitializer, regularizer: depthwiseRegularizer,
        constraint: depthwiseConstraint),
      bias: WeightOptions(
        initializer: biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint),
      activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
  }

  public override func build(inputShape: [Dim]) {
    let channels = inputShape[inputShape.count - 1]
    let sizes = kernelSize.map { Dim($0) }
    kernel = addWeight(
      "depthwise_kernel", shape: sizes + [channels, Dim(depthMultiplier)], options: kernelOptions)
    pointwiseKernel = addWeight(
      "pointwise_kernel",
      shape: sizes.map { _ in 1 } + [channels * Dim(depthMultiplier), Dim(filters)],
      options: pointwiseOptions)
    if useBias { bias = addWeight("bias", shape: [Dim(filters)], options: biasOptions) }
  }

  override func convolved(_ x: Expr) -> Expr {
    conv2d(
      x.depthwise(kernel, strides: strides, padding: padding, dilations: dilations),
      pointwiseKernel)
  }
}
