internal import Foundation
internal import Gnomon
internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

extension Model {
  /// Saves the model in one file: its formula, its weights, and the state of its optimizer.
  ///
  ///     try model.save(to: "digits.gnomon")
  ///     let same = try Model.load(from: "digits.gnomon")
  ///
  /// The file is a safetensors file, so that other programs can read the weights. The formula is kept as text
  /// of the intermediate language: a model of your own layers loads in a program that does not have them. The
  /// file appears under its name only when it is whole.
  ///
  /// - Throws: `GnomonError` if the model is not built, `TensorError` if the file cannot be written.
  public func save(to path: String) throws {
    try validate()
    guard let trace else { return }
    let updates = stateUpdates(training: true)
    let everywhere = Set(stateUpdates(training: false).map(\.variable.id))
    let losses = trace.losses + regularizationLosses
    let results = trace.outputs + losses
    let roots = results + updates.map(\.becomes)
    let parameters = Graph.parameters(of: roots + updates.map(\.variable))
    let inputs = trace.inputs + parameters.filter { $0.id == Expr.training.id }
    let graph = try Graph.build(
      name: name, inputs: inputs, variables: parameters.filter(\.isVariable), results: results,
      updates: updates)
    let trained = Set(trainableWeights.map(\.name))
    let saved = SavedModel(
      name: name, outputCount: trace.outputs.count, lossCount: losses.count,
      weights: weights.map { .init(name: $0.name, isTrainable: trained.contains($0.name)) },
      states: states.map(\.name), layers: SummaryRow.saved(self),
      updates: updates.map {
        .init(variable: $0.variable.label, inTrainingOnly: !everywhere.contains($0.variable.id))
      })
    try Tensor.writeSafetensors(
      keptTensors,
      metadata: [SavedModel.configKey: try saved.json(), SavedModel.graphKey: graph.text()],
      to: path)
  }

  /// Weights, states and the optimizer's variables, with their names in files.
  var keptTensors: [(name: String, tensor: Tensor)] {
    let own = (weights + states).map { (name: $0.name, tensor: $0.variable.value) }
    guard let optimizer = trainingState as? any OptimizerState else { return own }
    return own
      + optimizer.optimizerVariables.map { (Model.optimizerPrefix + $0.label, $0.value) }
  }

  private static let optimizerPrefix = "optimizer/"

  /// Keeps a tensor of a file for the optimizer, if it is the optimizer's.
  func keepOptimizerState(_ name: String, _ tensor: Tensor) {
    guard name.hasPrefix(Model.optimizerPrefix) else { return }
    savedOptimizerState[String(name.dropFirst(Model.optimizerPrefix.count))] = tensor
  }

  /// A model from its file, ready to predict, to be trained on, and to be part of other models; or from a `.keras` file
  /// of Keras 3, whose layers are then made again: of a `Sequential` or a graph of the layers that are here too.
  ///
  /// - Throws: `TensorError` if the file cannot be read, is damaged or of a later version.
  public static func load(from path: String) throws -> Model {
    path.hasSuffix(".keras") ? try KerasModel.load(path) : try LoadedModel(path)
  }

  /// Writes the weights alone as a safetensors file.
  public func saveWeights(to path: String) throws {
    try Tensor.writeSafetensors(
      (weights + states).map { ($0.name, $0.variable.value) }, to: path)
  }

  /// Reads the weights from a safetensors file, by their names, as `saveWeights` and `save` write them; or from a file
  /// that Keras wrote, `.weights.h5` or `.keras`, for a model of the same layers.
  ///
  /// - Throws: `TensorError` if the file cannot be read; `GnomonError` if a weight is missing or has another
  ///   dtype or shape. Nothing is changed then.
  public func loadWeights(from path: String) throws {
    if path.hasSuffix(".h5") || path.hasSuffix(".keras") {
      try validate()
      let datasets =
        path.hasSuffix(".h5")
        ? try Tensor.readHDF5(path) : try Tensor.readKerasArchive(path).weights
      var keras = KerasWeights(datasets, path: path)
      return try keras.assign(to: self)
    }
    let found = Dictionary(
      try Tensor.readSafetensors(path).tensors.map { ($0.name, $0.tensor) },
      uniquingKeysWith: { $1 })
    var pairs: [(Weight, Tensor)] = []
    for weight in weights + states {
      guard let tensor = found[weight.name] else {
        // Files of other programs know nothing of random streams.
        if states.contains(where: { $0 === weight }) { continue }
        throw GnomonError([
          Diagnostic(
            .weightValues, "loadWeights: \(path) has no `\(weight.name)`", at: .unknown,
            help: "it has \(found.keys.sorted().prefix(8).joined(separator: ", "))")
        ])
      }
      let type = TensorType(tensor.dtype, tensor.shape.map { Dim($0) })
      guard type == weight.variable.type else {
        throw GnomonError([
          Diagnostic(
            .weightValues, "loadWeights: `\(weight.name)` has another dtype or shape in \(path)",
            at: .unknown,
            evidence: [
              Diagnostic.Evidence(label: "weight", type: weight.variable.type),
              Diagnostic.Evidence(label: "file", type: type),
            ])
        ])
      }
      pairs.append((weight, tensor))
    }
    for (weight, tensor) in pairs { try weight.variable.assign(tensor) }
  }
}

/// What a file keeps of training: the optimizer's variables.
package protocol OptimizerState: AnyObject {
  var optimizerVariables: [Expr] { get }
}

extension Model {
  /// Gives an optimizer's variables the values that the model's file had for them.
  package func restore(_ variables: [Expr]) throws {
    for v in variables {
      if let value = savedOptimizerState.removeValue(forKey: v.label) { try v.assign(value) }
    }
  }
}
