public import Gnomon
package import GnomonIR

/// Layers connected to a whole that can be trained, evaluated and saved.
///
/// In three ways, as in Keras:
///
///     let model = Sequential([Dense(64, activation: .relu), Dense(10, activation: .softmax)])
///
///     let x = Input(shape: [784])                                     // functional
///     let y = Dense(10, activation: .softmax)(Dense(64, activation: .relu)(x))
///     let functional = Model(inputs: x, outputs: y)
///
///     final class Classifier: Model {                                 // a subclass
///       let hidden = Dense(64, activation: .relu), last = Dense(10, activation: .softmax)
///       override func call(_ x: Expr) -> Expr { last(hidden(x)) }
///     }
///     let z = model(x) + functional(x) + Classifier()(x)              // [batch, 10]
///
/// A model is a layer: it can be called on other inputs, and be part of other models.
open class Model: Layer {
  /// The formula of the model on its own inputs; nil until the inputs are known.
  public package(set) var trace: ModelTrace?
  /// What `trainedFlags` was when the formula was made.
  private var tracedFlags: [Bool] = []
  /// What `compile` and `fit` keep between calls.
  package var trainingState: AnyObject?
  /// The optimizer's variables in the file that the model was read from, until an optimizer takes them.
  package var savedOptimizerState: [String: Tensor] = [:]
  /// Whether the graph was given, rather than being what `call` does.
  package private(set) var isFunctional = false

  /// A model whose `call` a subclass writes.
  public override init(
    name: String? = nil, trainable: Bool = true, inputShape: [Dim]? = nil, dtype: DType? = nil
  ) {
    super.init(name: name, trainable: trainable, inputShape: inputShape, dtype: dtype)
  }

  /// The model between inputs and outputs that exist already.
  ///
  /// A mistake in the graph, an output that depends on no input for example, shows when the model is
  /// used: in what a call of it returns, in `compile`, or by `validate()`.
  public convenience init(inputs: [Expr], outputs: [Expr], name: String? = nil) {
    self.init(name: name)
    connect(inputs: inputs, outputs: outputs)
  }

  /// The model between one input and one output.
  public convenience init(inputs: Expr, outputs: Expr, name: String? = nil) {
    self.init(inputs: [inputs], outputs: [outputs], name: name)
  }

  /// The model between several inputs and one output.
  public convenience init(inputs: [Expr], outputs: Expr, name: String? = nil) {
    self.init(inputs: inputs, outputs: [outputs], name: name)
  }

  /// The model between one input and several outputs.
  public convenience init(inputs: Expr, outputs: [Expr], name: String? = nil) {
    self.init(inputs: [inputs], outputs: outputs, name: name)
  }

  private func connect(inputs: [Expr], outputs: [Expr]) {
    connect(ModelTrace(inputs: inputs, outputs: outputs, model: name))
  }

  /// Makes a formula that exists the model's own.
  final func connect(_ trace: ModelTrace) {
    isFunctional = true
    self.trace = trace
    for layer in trace.layers { adopt(layer) }
    tracedFlags = trainedFlags()
    isBuilt = true
  }

  /// Puts the layers into the order of their names in a list.
  final func order(_ names: [String]) {
    let places = Dictionary(
      names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    sublayers.sort { places[$0.name] ?? .max < places[$1.name] ?? .max }
  }

  // MARK: - Parts

  /// The layers, in the order in which they are first called.
  open var layers: [Layer] { sublayers }

  /// The layer with a name.
  public func layer(named name: String) -> Layer? { layers.first { $0.name == name } }

  /// The inputs of the model's own graph; empty until it is known.
  public var inputs: [Expr] { trace?.inputs ?? [] }
  /// The outputs of the model's own graph.
  public var outputs: [Expr] { trace?.outputs ?? [] }

  /// The terms that layers add to the loss, by `addLoss` and by activity regularizers.
  public var losses: [Expr] { trace?.losses ?? [] }

  /// The penalties on trainable weights.
  public var regularizationLosses: [Expr] {
    trainableWeights.compactMap { w in w.regularizer.map { $0(w.variable) } }
  }

  /// The changes of state, such as moving averages, that a step makes beside those of the optimizer.
  ///
  /// - Parameter training: whether the step is one of training.
  public func stateUpdates(training: Bool) -> [(variable: Expr, becomes: Expr)] {
    trace?.stateUpdates(training: training, frozen: frozenState) ?? []
  }

  /// The state of layers that are not trainable stays as it is.
  private var frozenState: Set<ObjectIdentifier> {
    var found: Set<ObjectIdentifier> = []
    func visit(_ layer: Layer, _ frozen: Bool) {
      let frozen = frozen || !layer.trainable
      if frozen, layer.stateIsFrozenWithWeights {
        for w in layer.ownWeights + layer.ownStates {
          found.insert(ObjectIdentifier(w.variable.node))
        }
      }
      for inner in layer.sublayers { visit(inner, frozen) }
    }
    visit(self, false)
    return found
  }

  // MARK: - Building

  /// Makes the graph on inputs of these types, and with it all weights; does nothing if it exists.
  ///
  /// - Throws: `GnomonError` with every mistake found in the layers.
  public func build(for types: [TensorType]) throws {
    if trace == nil {
      retrace(
        types.enumerated().map { i, type in
          Expr._input(types.count == 1 ? "input" : "input_\(i)", type.dtype, type.shape, .unknown)
        })
    }
    try validate()
  }

  /// Makes the formula again if layers on whose `trainable` it depends were frozen or thawed since.
  final func refresh() throws {
    guard let trace, trainedFlags() != tracedFlags else { return }
    retrace(trace.inputs)
    try validate()
  }

  private func retrace(_ inputs: [Expr]) {
    let outputs = _apply(inputs, .unknown)
    let own = outputs[0].layerNode
    own?.withdraw()
    trace = ModelTrace(inputs: inputs, outputs: outputs, model: name, own: own)
    tracedFlags = trainedFlags()
  }

  /// Makes the graph from the `inputShape` that the model or its first layer was given.
  public func build() throws {
    if trace == nil, let shape = givenInputShape {
      return try build(for: [TensorType(givenInputDType, ["batch"] + shape)])
    }
    try validate()
  }

  package var givenInputShape: [Dim]? { inputShape }
  package var givenInputDType: DType { inputDType }

  /// Throws the mistakes of the model's graph, if there are any.
  public func validate() throws {
    guard let trace else {
      throw GnomonError([
        Diagnostic(
          .modelGraph, "model \(name): the shape of its input is not known", at: .unknown,
          help: "give the first layer inputShape:, begin with InputLayer, or call the model")
      ])
    }
    let roots = trace.outputs + trace.losses
    let found = Expr.diagnostics(of: trace.inputs + roots) + trace.mistakes + unowned(roots)
    guard found.isEmpty else { throw GnomonError(found) }
  }

  /// Variables that values depend on and nobody owns: training would silently leave them as they are.
  ///
  /// - Parameters:
  ///   - others: variables that an optimizer owns.
  ///   - givens: what stands for inputs within the values.
  package func unowned(
    _ roots: [Expr], besides others: [Expr] = [], givens: [(Expr, Expr)] = []
  ) -> [Diagnostic] {
    let owned = Set((weights + states).map(\.variable.id) + others.map(\.id))
    return Graph.parameters(of: roots, givens: givens).filter {
      $0.isVariable && !owned.contains($0.id)
    }.map { v in
      Diagnostic(
        .unregisteredVariable,
        "model \(name): the variable `\(v.label)` belongs to no layer, so that training would not change it",
        at: v.node.location, evidence: [Diagnostic.Evidence(label: v.label, type: v.type)],
        help: "make it in `build` by addWeight(\"\(v.label)\", shape: …)")
    }
  }

  // MARK: - Calling

  open override func call(_ inputs: [Expr]) -> [Expr] {
    guard isFunctional, let trace else { return super.call(inputs) }
    return trace.replayed(on: inputs, model: self)
  }

  package override var runsUserCode: Bool { true }
  open override var supportsMasking: Bool { true }

  /// The mask of a model's output is that of its last layer.
  open override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? { nil }
}
