/// Ends training when the loss of an epoch so far is NaN or infinite.
public final class TerminateOnNaN: Callback {
  /// The batch after which training ended; nil if it did not.
  public private(set) var stoppedBatch: Int?

  override public func onTrainBatchEnd(_ batch: Int, _ logs: () throws -> Logs) throws {
    guard let loss = try logs()["loss"], !loss.isFinite else { return }
    stoppedBatch = batch
    model?.stopTraining = true
  }
}
