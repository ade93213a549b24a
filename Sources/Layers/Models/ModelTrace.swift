public import Gnomon
package import GnomonIR

/// The formula of a model on certain inputs, with the calls of layers it consists of.
public struct ModelTrace {
  public let inputs: [Expr]
  public let outputs: [Expr]
  /// The calls of the model's layers, each after those it depends on.
  public let nodes: [LayerNode]
  /// What layers add to the loss.
  public let losses: [Expr]
  package let updates: [StateUpdate]
  package let mistakes: [Diagnostic]

  /// The layers called, in the order of their first call.
  public var layers: [Layer] {
    var seen: Set<ObjectIdentifier> = []
    return nodes.map(\.layer).filter { seen.insert(ObjectIdentifier($0)).inserted }
  }

  /// Walks from the outputs back to the inputs.
  ///
  /// - Parameter own: the call of the model itself, where its `call` made the graph.
  package init(inputs: [Expr], outputs: [Expr], model: String, own: LayerNode? = nil) {
    self.inputs = inputs
    self.outputs = outputs
    var walk = LayerWalk(stoppingAt: inputs)
    walk.visit(outputs)
    nodes = own?.children ?? walk.nodes
    losses = own?.losses ?? walk.nodes.flatMap(\.losses)
    updates = own?.updates ?? walk.nodes.flatMap(\.updates)
    mistakes = ModelTrace.mistakes(walk, inputs, nodes, model)
  }

  /// The formula of a model that was read from a file.
  package init(
    inputs: [Expr], outputs: [Expr], model: String, losses: [Expr], updates: [StateUpdate]
  ) {
    self.inputs = inputs
    self.outputs = outputs
    nodes = []
    self.losses = losses
    self.updates = updates
    mistakes = []
  }

  private static func mistakes(
    _ walk: LayerWalk, _ inputs: [Expr], _ nodes: [LayerNode], _ model: String
  ) -> [Diagnostic] {
    var found: [Diagnostic] = []
    for x in inputs where !x.isInvalid && !x.isPlaceholder {
      found.append(
        Diagnostic(
          .modelGraph, "model \(model): `\(x.label)` is not an input", at: x.node.location,
          evidence: [Diagnostic.Evidence(label: x.label, type: x.type)],
          help: "the inputs of a model are made by Input(shape:)"))
    }
    for x in walk.otherInputs {
      found.append(
        Diagnostic(
          .modelGraph,
          "model \(model): an output depends on `\(x.label)`, which is not among the inputs",
          at: x.node.location, evidence: [Diagnostic.Evidence(label: x.label, type: x.type)],
          help: "add it to inputs:"))
    }
    var named: [String: Layer] = [:]
    for layer in nodes.map(\.layer) {
      if let other = named.updateValue(layer, forKey: layer.name), other !== layer {
        found.append(
          Diagnostic(
            .modelGraph, "model \(model): two layers are called `\(layer.name)`", at: .unknown,
            help: "give each layer of a model a name of its own"))
      }
    }
    return found
  }

  /// The changes of state as updates for `compile`; those of one variable are composed in order.
  package func stateUpdates(
    training: Bool, frozen: Set<ObjectIdentifier>
  ) -> [(variable: Expr, becomes: Expr)] {
    var result: [(variable: Expr, becomes: Expr)] = []
    var position: [Expr.ID: Int] = [:]
    for update in updates where training || !update.inTrainingOnly {
      guard !frozen.contains(ObjectIdentifier(update.variable.node)) else { continue }
      if let i = position[update.variable.id] {
        result[i].becomes = update.becomes(result[i].becomes)
      } else {
        position[update.variable.id] = result.count
        result.append((update.variable, update.becomes(update.variable)))
      }
    }
    return result
  }
}

extension Expr {
  package var isPlaceholder: Bool {
    if case .parameter(let p) = node.origin, case .input = p.kind { return true }
    return false
  }

  package var isVariable: Bool {
    if case .parameter(let p) = node.origin, case .variable = p.kind { return true }
    return false
  }
}
