internal import Foundation
internal import Gnomon

/// Writes the figures of each epoch as event files, which TensorBoard draws: `epoch_loss`, `epoch_accuracy`…,
/// those of training in `train`, those of validation in `validation`.
///
///     try model.fit(x, y, epochs: 20, callbacks: [TensorBoard("logs")])      // tensorboard --logdir logs
public final class TensorBoard: Callback {
  private let folder: String
  private var files: [String: EventFile] = [:]

  /// - Parameter folder: made where it is missing; each run adds files to it.
  public init(_ folder: String) { self.folder = folder }

  override public func onTrainBegin() { files = [:] }

  override public func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {
    for name in logs.names {
      guard let value = logs[name] else { continue }
      let isValidation = name.hasPrefix("val_")
      let kind = isValidation ? "validation" : "train"
      let file = try files[kind] ?? EventFile(in: "\(folder)/\(kind)")
      files[kind] = file
      try file.write("epoch_" + name.dropFirst(isValidation ? 4 : 0), Float(value), step: epoch)
    }
  }

  override public func onTrainEnd(_ logs: Logs) throws {
    for file in files.values { try file.close() }
    files = [:]
  }
}
