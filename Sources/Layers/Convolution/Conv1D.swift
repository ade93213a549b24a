public import Gnomon

/// The convolution of sequences with a learnt kernel: `activation(conv1d(x, kernel) + bias)`.
///
///     Conv1D(64, kernelSize: 3, padding: .same, activation: .relu)
///
/// - Input: `[batch, length, channels]`; output the same rank, with `filters` channels.
/// - Weights: `kernel` `[kernel sizes..., channels / groups, filters]`, `bias` `[filters]`.
public final class Conv1D: ConvolutionLayer {
  /// - Parameter causal: whether a step sees itself and earlier ones only; `padding` is then not used.
  public init(
    _ filters: Int, kernelSize: PerAxis, strides: PerAxis = 1, padding: Padding = .valid,
    causal: Bool = false,
    dilations: PerAxis = 1, groups: Int = 1, activation: ActivationFunction? = nil,
    useBias: Bool = true, kernelInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    inputShape: [Dim]? = nil, name: String? = nil
  ) {
    super.init(
      rank: 1, filters: filters, kernelSize: kernelSize, strides: strides,
      padding: causal
        ? .explicit(low: [dilations.values[0] * (kernelSize.values[0] - 1)], high: [0]) : padding,
      dilations: dilations, groups: groups, activation: activation, useBias: useBias,
      kernel: WeightOptions(
        initializer: kernelInitializer, regularizer: kernelRegularizer,
        constraint: kernelConstraint),
      bias: WeightOptions(
        initializer: biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint),
      activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
  }
}
