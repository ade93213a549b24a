public import Gnomon

/// A vector for each index: `embeddings[x]`.
///
///     let words = Input(shape: [10], dtype: .int32)
///     let y = Embedding(1000, 64)(words)            // [batch, 10, 64]
///
/// - Input: integers of any shape, from 0 up to below `inputDim`, else G0066 when it is called; output one
///   axis more.
/// - Weights: `embeddings` `[inputDim, outputDim]`.
/// - Mask: with `maskZero`, index 0 is padding.
open class Embedding: Layer {
  public let inputDim: Int
  public let outputDim: Int
  public let maskZero: Bool
  private let initializer: any Initializer
  private let regularizer: (any Regularizer)?
  private let constraint: (any Constraint)?
  public internal(set) var embeddings: Expr!

  /// - Parameters:
  ///   - inputDim: how many indices there are.
  ///   - outputDim: the length of a vector.
  ///   - inputLength: how many indices an example has, where the layer is a `Sequential`'s first.
  public init(
    _ inputDim: Int, _ outputDim: Int, inputLength: Int? = nil, maskZero: Bool = false,
    embeddingsInitializer: any Initializer = .randomUniform(),
    embeddingsRegularizer: (any Regularizer)? = nil,
    embeddingsConstraint: (any Constraint)? = nil, name: String? = nil, dtype: DType? = nil
  ) {
    self.inputDim = inputDim
    self.outputDim = outputDim
    self.maskZero = maskZero
    initializer = embeddingsInitializer
    regularizer = embeddingsRegularizer
    constraint = embeddingsConstraint
    super.init(name: name, inputShape: inputLength.map { [Dim($0)] }, dtype: dtype)
    inputSpec = InputSpec(dtypes: DType.allCases.filter(\.isInteger))
  }

  open override func build(inputShape: [Dim]) {
    embeddings = addWeight(
      "embeddings", shape: [Dim(inputDim), Dim(outputDim)], initializer: initializer,
      regularizer: regularizer, constraint: constraint)
  }

  open override func call(_ x: Expr) -> Expr { take(embeddings, x) }
  open override var inputDType: DType { .int32 }

  open override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? {
    maskZero ? inputs[0] .!= 0 : nil
  }
}
