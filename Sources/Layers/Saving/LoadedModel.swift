internal import Foundation
internal import Gnomon
internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// A model that was read from a file: its formula and weights, without the classes of its layers.
final class LoadedModel: Model {
  private let saved: [LoadedLayer]

  init(_ path: String) throws {
    let (tensors, texts) = try Tensor.readSafetensors(path)
    guard let json = texts[SavedModel.configKey], let text = texts[SavedModel.graphKey] else {
      throw TensorError.unsupported(
        path: path, reason: "has weights but no model; use loadWeights on a model of their shapes")
    }
    let config = try SavedModel(json: json, path: path)
    let graphs = try Graph.parse(text, operations: operationTable, file: path)
    guard graphs.count == 1 else { throw LoadedModel.damaged(path, "\(graphs.count) graphs") }
    let graph = graphs[0]
    try graph.verify()
    let stored = Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 })
    let trained = Set(config.weights.filter(\.isTrainable).map(\.name))
    var weights: [String: Weight] = [:]
    func variable(_ name: String, _ type: TensorType) throws -> Expr {
      guard let value = stored[name], type == TensorType(value.dtype, value.shape.map { Dim($0) })
      else { throw LoadedModel.damaged(path, "no tensor for the variable \(name)") }
      let variable = Expr._variable(name, value, .unknown)
      weights[name] = Weight(
        name: name, variable: variable, regularizer: nil, constraint: nil,
        trainable: trained.contains(name))
      return variable
    }
    let (inputs, results, updates) = try graph.expressions(variable: variable)
    guard results.count == config.outputCount + config.lossCount, config.outputCount > 0,
      updates.count == config.updates.count
    else { throw LoadedModel.damaged(path, "results that do not fit its description") }
    saved = config.layers.map { LoadedLayer($0, $0.weights.compactMap { weights[$0] }) }
    super.init(name: config.name)
    for (name, tensor) in stored { keepOptimizerState(name, tensor) }
    // A weight that the outputs do not use is kept all the same.
    for name in config.weights.map(\.name) + config.states where weights[name] == nil {
      guard let value = stored[name] else { throw LoadedModel.damaged(path, "no tensor \(name)") }
      _ = try variable(name, TensorType(value.dtype, value.shape.map { Dim($0) }))
    }
    ownWeights = config.weights.compactMap { weights[$0.name] }
    ownStates = config.states.compactMap { weights[$0] }
    connect(
      ModelTrace(
        inputs: inputs.filter { $0.id != Expr.training.id },
        outputs: Array(results.prefix(config.outputCount)), model: config.name,
        losses: Array(results.dropFirst(config.outputCount)),
        updates: zip(updates, config.updates).map { pair, saved in
          StateUpdate(
            variable: pair.variable, inTrainingOnly: saved.inTrainingOnly,
            becomes: { old in Expr.replacing([pair.variable.id: old], in: [pair.becomes])[0] })
        }))
  }

  override var layers: [Layer] { saved }
  override var keepsWeightOrder: Bool { true }

  private static func damaged(_ path: String, _ reason: String) -> TensorError {
    .malformed(path: path, position: 8, reason: "the model has \(reason)")
  }
}

/// A layer of a model that was read from a file: its name and weights, for lists and summaries.
final class LoadedLayer: Layer {
  let record: SavedModel.SavedLayer

  init(_ record: SavedModel.SavedLayer, _ weights: [Weight]) {
    self.record = record
    super.init(name: record.name)
    ownWeights = weights
    isBuilt = true
  }

  override func call(_ x: Expr) -> Expr {
    refused(
      .layerInput, "a layer read from a file cannot be called alone", [x],
      help: "call the model, or build the layer again in Swift", at: .here())
  }
}
