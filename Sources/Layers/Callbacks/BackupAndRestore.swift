internal import Foundation
internal import Gnomon

/// Keeps the state of training in a file after each epoch, and goes on from there where `fit` is called again:
/// in a new process after a crash, for example.
///
///     try model.fit(x, y, epochs: 100, callbacks: [BackupAndRestore("training.backup")])
///
/// The file holds weights, the state of layers and of the optimizer, and the number of the epoch. With the
/// same random seeds the run ends with the bits that it would have had without an interruption. The model
/// must be built before, so that there are weights to restore.
public final class BackupAndRestore: Callback {
  private let path: String
  private let deletesAtEnd: Bool
  private let every: Int
  /// The epoch with which the last run began, where it was restored.
  public private(set) var restoredEpoch: Int?

  /// - Parameters:
  ///   - every: after how many epochs.
  ///   - deletesAtEnd: whether the file is removed when training has ended.
  public init(_ path: String, every: Int = 1, deletesAtEnd: Bool = true) {
    self.path = path
    self.every = max(1, every)
    self.deletesAtEnd = deletesAtEnd
  }

  override public func onTrainBegin() throws {
    restoredEpoch = nil
    guard let model, FileManager.default.fileExists(atPath: path) else { return }
    let epoch = try model.restoreTraining(from: path)
    restoredEpoch = epoch
    model.trainer?.restoredEpoch = epoch
  }

  override public func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {
    if (epoch + 1) % every == 0 { try model?.saveTraining(nextEpoch: epoch + 1, to: path) }
  }

  override public func onTrainEnd(_ logs: Logs) throws {
    if deletesAtEnd, FileManager.default.fileExists(atPath: path) {
      try FileManager.default.removeItem(atPath: path)
    }
  }
}
