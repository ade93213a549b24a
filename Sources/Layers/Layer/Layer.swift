public import Gnomon

/// A function of tensors with weights of its own.
///
///     final class MyDense: Layer {
///       let units: Int
///       var kernel: Expr!
///       init(_ units: Int) { self.units = units; super.init() }
///       override func build(inputShape: [Dim]) {
///         kernel = addWeight("kernel", shape: [inputShape[1], Dim(units)])
///       }
///       override func call(_ x: Expr) -> Expr { matmul(x, kernel) }
///     }
///     let x = Input(shape: [784])
///     let y = MyDense(10)(x)                        // [batch, 10]
///
/// A layer is an object with identity: calling it twice shares its weights. It is built, its weights
/// made, when it is called first. Training and inference are one formula: where they differ, `call`
/// branches on `Expr.training`. Layers used inside `call` are found by their being called there.
open class Layer: CustomStringConvertible {
  /// The name in summaries, messages and files; by default the class in snake case, with a number.
  public let name: String
  /// Whether the weights, and those of the layers inside, are trained.
  open var trainable: Bool
  /// The shape of one example, without the batch axis, if the layer was told.
  public let inputShape: [Dim]?
  /// The dtype of weights; by default that of the input, or float32 where that has no fractions.
  public let dtype: DType?
  /// Whether the weights are there.
  public package(set) var isBuilt = false
  /// The layers that were called inside this one's `call`, in the order of their first call.
  public package(set) var sublayers: [Layer] = []
  /// What inputs must look like; checked before `call`.
  public var inputSpec: InputSpec?

  package var ownWeights: [Weight] = []
  package var ownStates: [Weight] = []
  package var mistakes: [Expr] = []
  package var inboundRecords: [WeakLayerNode] = []
  package var outboundRecords: [WeakLayerNode] = []
  package var weightDType = DType.float32
  package var path: String

  public init(
    name: String? = nil, trainable: Bool = true, inputShape: [Dim]? = nil, dtype: DType? = nil
  ) {
    let name = name ?? LayerNames.next(for: Self.self)
    self.name = name
    path = name
    self.trainable = trainable
    self.inputShape = inputShape
    self.dtype = dtype
  }

  // MARK: - What subclasses say

  /// Makes the weights, by `addWeight`. Called once, before the first `call`.
  ///
  /// - Parameter inputShape: the shape of the first input, the batch axis included.
  open func build(inputShape: [Dim]) {}

  /// Makes the weights of a layer of several inputs.
  open func build(inputShapes: [[Dim]]) {
    if let first = inputShapes.first { build(inputShape: first) }
  }

  /// The layer's formula, for one input and one output.
  open func call(_ x: Expr) -> Expr { missingCall([x]) }

  /// The layer's formula, for any number of inputs and outputs.
  open func call(_ inputs: [Expr]) -> [Expr] {
    inputs.count == 1 ? [call(inputs[0])] : [tooManyInputs(inputs)]
  }

  /// The shape of the output, from the shape of the input. It need not be given, since `call` says it
  /// already; where it is given, every call of the layer is checked against it.
  open func computeOutputShape(_ inputShape: [Dim]) -> [Dim] {
    outputShapeIsGiven = false
    return isComparingShapes ? [] : tracedOutputShape(inputShape)
  }

  /// Whether masks pass through the layer, as they do where every step of the output belongs to the same
  /// step of the input.
  open var supportsMasking: Bool { false }

  /// The mask of the output: by default that of the first input that has one, if the layer
  /// `supportsMasking`. A layer that uses its input's mask up returns nil.
  open func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? {
    guard let first = masks.compactMap({ $0 }).first else { return nil }
    if supportsMasking { return first }
    warnOfDroppedMask()
    return nil
  }

  /// The dtype of an input that nobody chose: indices for an embedding, float32 else.
  open var inputDType: DType { .float32 }

  /// Whether `call` runs code of the user's, whose own lines messages then show.
  package var runsUserCode: Bool { !isLibraryClass }

  /// Whether the layer's state stays when the layer is not `trainable`, as that of batch normalization
  /// does; a random stream goes on.
  package var stateIsFrozenWithWeights: Bool { true }

  /// Whether `call` gives another formula where the layer is not trained, as batch normalization does.
  package var formulaFollowsTrainable: Bool { false }

  /// Whether `weights` are in the order in which they were made, as those of a file are.
  package var keepsWeightOrder: Bool { false }

  package var outputShapeIsGiven = true
  package var isComparingShapes = false
  private lazy var isLibraryClass = String(reflecting: type(of: self)).hasPrefix("GnomonLayers.")

  open var description: String { "\(type(of: self)) `\(name)`" }
}

package final class WeakLayerNode {
  package weak var node: LayerNode?
  init(_ node: LayerNode) { self.node = node }
}
