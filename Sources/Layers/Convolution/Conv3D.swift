public import Gnomon

/// The convolution of volumes with a learnt kernel: `activation(conv3d(x, kernel) + bias)`.
///
///     Conv3D(16, kernelSize: 3)
///
/// - Input: `[batch, depth, height, width, channels]`; output the same rank, with `filters` channels.
/// - Weights: `kernel` `[kernel sizes..., channels / groups, filters]`, `bias` `[filters]`.
public final class Conv3D: ConvolutionLayer {
  public init(
    _ filters: Int, kernelSize: PerAxis, strides: PerAxis = 1, padding: Padding = .valid,
    dilations: PerAxis = 1, groups: Int = 1, activation: ActivationFunction? = nil,
    useBias: Bool = true, kernelInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    super.init(
      rank: 3, filters: filters, kernelSize: kernelSize, strides: strides,
      padding: padding,
      dilations: dilations, groups: groups, activation: activation, useBias: useBias,
      kernel: WeightOptions(
        initializer: kernelInitializer, regularizer: kernelRegularizer,
        constraint: kernelConstraint),
      bias: WeightOptions(
        initializer: biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint),
      activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
  }
}
