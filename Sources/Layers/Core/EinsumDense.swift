internal import Foundation
public import Gnomon

/// A dense layer whose product is any einsum: `activation(einsum(equation, x, kernel) + bias)`.
///
///     let x = Input(shape: [10, 32])
///     let y = EinsumDense("abc,cde->abde", outputShape: [-1, 8, 4], biasAxes: "de")(x)  // [batch, 10, 8, 4]
///
/// - Input: as the equation says; output `[batch] + outputShape`, where -1 is the size of the input.
/// - Weights: `kernel`, its sizes taken from the input for letters that the input has and from
///   `outputShape` for the others; `bias`, over the letters of `biasAxes`.
public final class EinsumDense: Layer {
  public let equation: String
  public let outputShape: [Int]
  public let biasAxes: String
  public let activation: ActivationFunction?
  private let kernelOptions: WeightOptions
  private let biasOptions: WeightOptions
  private var kernel: Expr!
  private var bias: Expr?

  public init(
    _ equation: String, outputShape: [Int], activation: ActivationFunction? = nil,
    biasAxes: String = "", kernelInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    self.equation = equation
    self.outputShape = outputShape
    self.activation = activation
    self.biasAxes = biasAxes
    kernelOptions = WeightOptions(
      initializer: kernelInitializer, regularizer: kernelRegularizer, constraint: kernelConstraint)
    biasOptions = WeightOptions(
      initializer: biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint)
    super.init(name: name)
  }

  /// The letters of input, kernel and output; nil if the equation has not this form.
  private var letters: (input: [Character], kernel: [Character], output: [Character])? {
    let sides = equation.filter { $0 != " " }.components(separatedBy: "->")
    guard sides.count == 2 else { return nil }
    let operands = sides[0].components(separatedBy: ",")
    guard operands.count == 2 else { return nil }
    return (Array(operands[0]), Array(operands[1]), Array(sides[1]))
  }

  public override func build(inputShape: [Dim]) {
    guard let (input, kernelLetters, output) = letters, input.count == inputShape.count,
      output.count == outputShape.count + 1
    else { return }
    var sizes: [Character: Dim] = [:]
    for (letter, n) in zip(output.dropFirst(), outputShape) where n != -1 { sizes[letter] = Dim(n) }
    for (letter, d) in zip(input, inputShape) { sizes[letter] = d }
    kernel = addWeight(
      "kernel", shape: kernelLetters.map { sizes[$0] ?? -1 }, options: kernelOptions)
    guard !biasAxes.isEmpty else { return }
    let first = output.firstIndex { biasAxes.contains($0) } ?? output.count
    bias = addWeight(
      "bias", shape: output[first...].map { biasAxes.contains($0) ? sizes[$0] ?? -1 : 1 },
      options: biasOptions)
  }

  public override func call(_ x: Expr) -> Expr {
    guard let kernel else {
      return refused(
        .layerInput, "the equation \"\(equation)\" does not fit the input and outputShape", [x],
        help: "its form is \"abc,cde->abde\": a letter for each axis of input, kernel and output",
        at: .here())
    }
    let product = einsum(equation, x, kernel)
    return (bias.map { product + $0 } ?? product).activated(by: activation)
  }

  public override var supportsMasking: Bool { true }
}
