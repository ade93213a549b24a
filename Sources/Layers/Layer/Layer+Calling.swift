public import Gnomon
package import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

// The functions here are all `@_transparent`: the location is the user's line, also where a call of a
// layer ends a function (see Note [One call, one address] of Location.swift).
extension Layer {
  /// The layer's output for one or several inputs.
  ///
  ///     let y = dense(x)
  ///     let z = add(x, y)
  @_transparent public final func callAsFunction(_ inputs: Expr...) -> Expr {
    _apply(inputs, .here())[0]
  }

  /// The layer's output for a list of inputs.
  @_transparent public final func callAsFunction(_ inputs: [Expr]) -> Expr {
    _apply(inputs, .here())[0]
  }

  /// All outputs of a layer that has several.
  @_disfavoredOverload
  @_transparent public final func callAsFunction(_ inputs: Expr...) -> [Expr] {
    _apply(inputs, .here())
  }

  /// All outputs of a layer that has several, for a list of inputs.
  @_disfavoredOverload
  @_transparent public final func callAsFunction(_ inputs: [Expr]) -> [Expr] {
    _apply(inputs, .here())
  }

  /// The outputs of a layer that has two.
  @_disfavoredOverload
  @_transparent public final func callAsFunction(_ inputs: Expr...) -> (Expr, Expr) {
    let all = _outputs(2, inputs, .here())
    return (all[0], all[1])
  }

  /// The outputs of a layer that has three.
  @_disfavoredOverload
  @_transparent public final func callAsFunction(_ inputs: Expr...) -> (Expr, Expr, Expr) {
    let all = _outputs(3, inputs, .here())
    return (all[0], all[1], all[2])
  }

  /// As many outputs as the caller takes apart.
  @usableFromInline final func _outputs(
    _ count: Int, _ inputs: [Expr], _ at: Location
  ) -> [Expr] {
    let all = _apply(inputs, at)
    if all.count == count || all.contains(where: \.isInvalid) {
      return (0..<count).map { all[min($0, all.count - 1)] }
    }
    let bad = refused(
      .layerInput, "the layer has \(all.count) outputs, not \(count)", inputs, at: at)
    return Array(repeating: bad, count: count)
  }

  /// Builds the layer if this is the first call, calls it, and records the call.
  @usableFromInline final func _apply(_ inputs: [Expr], _ at: Location) -> [Expr] {
    let inputs = inputs.map { $0.settled() }
    if inputs.contains(where: \.isInvalid) {
      return [.refused(Refusal(.layerInput, ""), name, inputs, at: at)]
    }
    if inputs.isEmpty {
      return [refused(.layerInput, "the layer is called on nothing", [], at: at)]
    }
    if let spec = inputSpec {
      guard spec.count.contains(inputs.count) else {
        return [wrongCount(inputs, spec.count, at)]
      }
      for (i, x) in inputs.enumerated() {
        guard let (message, axes) = spec.refusal(x.type) else { continue }
        return [refused(.layerInput, message, inputs, marks: [Refusal.Mark(i, axes)], at: at)]
      }
    }
    let context = CallContext.current
    let node = LayerNode(self, inputs, parent: context?.node, location: at)
    let outputs = CallContext.$current.withValue(CallContext(node)) {
      located(at) {
        buildOnce(inputs, within: context?.node.layer)
        if let first = mistakes.first { return [first] }
        return finish(node, call(inputs))
      }
    }
    guard !outputs.contains(where: \.isInvalid) else { return outputs }
    context?.node.append(child: node)
    context?.node.layer.adopt(self)
    inboundRecords.append(WeakLayerNode(node))
    for layer in node.inboundLayers { layer.outboundRecords.append(WeakLayerNode(node)) }
    return outputs
  }

  /// Nodes of layers of the library belong to the line that called the layer, those of the user's
  /// layers to the lines of their `call`.
  private func located<R>(_ at: Location, _ body: () -> R) -> R {
    let scope = "layer \(name)"
    return runsUserCode ? Location.scoped(scope, body) : at.serving(scope, body)
  }

  /// Makes the weights, unless they are there; for a layer that wraps another one.
  final func buildOnce(_ inputs: [Expr]) {
    buildOnce(inputs, within: CallContext.current?.node.layer)
  }

  private func buildOnce(_ inputs: [Expr], within parent: Layer?) {
    guard !isBuilt else { return }
    mistakes = []
    ownWeights = []
    ownStates = []
    weightDType = dtype ?? inputs.first { $0.dtype.isFloat }?.dtype ?? .float32
    if let parent, !(parent is Model) { path = "\(parent.path)/\(name)" }
    build(inputShapes: inputs.map(\.shape))
    isBuilt = mistakes.isEmpty
  }

  /// The outputs of a call as values of their own, with their masks, checked against the shape that the
  /// layer promised.
  private func finish(_ node: LayerNode, _ results: [Expr]) -> [Expr] {
    let results = results.map { $0.settled() }
    if results.contains(where: \.isInvalid) { return results }
    if let bad = shapeMismatch(node, results) ?? fixedBatch(node, results) { return [bad] }
    let own = results.map { belongs($0, to: node) ? $0 : .make(Copy(), [$0], at: node.location) }
    let mask = computeMask(node.inputs, masks: node.inputMasks)
    node.outputTypes = own.map(\.type)
    // Further outputs, such as the states of an RNN, have no steps to mask.
    node.outputMasks = own.indices.map { $0 == 0 ? mask : nil }
    node.outputRecords = own.map { (WeakNode($0.node), $0.index, $0.node.maker) }
    for e in own { e.node.maker = node }
    return own
  }

  /// Whether a value was made during a call: by an operator, or by a layer called inside.
  private func belongs(_ e: Expr, to node: LayerNode) -> Bool {
    guard e.node.op != nil else { return false }
    guard let maker = e.node.maker else { return e.node.sequence > node.start }
    return node.children.contains { $0 === maker }
  }

  final func adopt(_ layer: Layer) {
    if layer !== self, !sublayers.contains(where: { $0 === layer }) { sublayers.append(layer) }
  }

  // MARK: - The graph of layers

  /// The calls of this layer whose results somebody still holds, in order.
  public final var inboundNodes: [LayerNode] { inboundRecords.compactMap(\.node) }

  /// The calls of other layers on what this layer returned.
  public final var outboundNodes: [LayerNode] { outboundRecords.compactMap(\.node) }

  /// The value that the layer returned when it was last called.
  public final var output: Expr? { inboundNodes.last?.outputs.first }

  /// The value that the layer was last called on.
  public final var input: Expr? { inboundNodes.last?.inputs.first }
}
