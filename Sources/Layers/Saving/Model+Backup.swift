internal import Gnomon
internal import GnomonTensors

extension Model {
  private static let epochKey = "gnomon.epoch"

  /// Writes what training needs to go on: weights, states, the optimizer's variables, the next epoch.
  func saveTraining(nextEpoch: Int, to path: String) throws {
    try Tensor.writeSafetensors(
      keptTensors, metadata: [Self.epochKey: "\(nextEpoch)"], to: path)
  }

  /// Takes up what `saveTraining` wrote.
  ///
  /// - Returns: the epoch to go on with.
  func restoreTraining(from path: String) throws -> Int {
    try validate()
    let (tensors, texts) = try Tensor.readSafetensors(path)
    guard let epoch = texts[Self.epochKey].flatMap({ Int($0) }), epoch >= 0 else {
      throw TensorError.unsupported(path: path, reason: "holds no state of a training")
    }
    try loadWeights(from: path)
    for (name, tensor) in tensors { keepOptimizerState(name, tensor) }
    // Variables that are there already take their values now, others when they are made.
    if let optimizer = trainingState as? any OptimizerState {
      try restore(optimizer.optimizerVariables)
    }
    return epoch
  }
}
