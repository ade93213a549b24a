/// A callback of closures.
///
///     LambdaCallback(onEpochEnd: { epoch, logs in print(epoch, logs["loss"] ?? 0) })
public final class LambdaCallback: Callback {
  private let trainBegin: (() throws -> Void)?
  private let trainEnd: ((Logs) throws -> Void)?
  private let epochBegin: ((Int) throws -> Void)?
  private let epochEnd: ((Int, Logs) throws -> Void)?
  private let batchEnd: ((Int, () throws -> Logs) throws -> Void)?

  public init(
    onEpochBegin: ((Int) throws -> Void)? = nil, onEpochEnd: ((Int, Logs) throws -> Void)? = nil,
    onTrainBatchEnd: ((Int, () throws -> Logs) throws -> Void)? = nil,
    onTrainBegin: (() throws -> Void)? = nil, onTrainEnd: ((Logs) throws -> Void)? = nil
  ) {
    trainBegin = onTrainBegin
    trainEnd = onTrainEnd
    epochBegin = onEpochBegin
    epochEnd = onEpochEnd
    batchEnd = onTrainBatchEnd
  }

  override public func onTrainBegin() throws { try trainBegin?() }
  override public func onTrainEnd(_ logs: Logs) throws { try trainEnd?(logs) }
  override public func onEpochBegin(_ epoch: Int) throws { try epochBegin?(epoch) }
  override public func onEpochEnd(_ epoch: Int, _ logs: Logs) throws { try epochEnd?(epoch, logs) }
  override public func onTrainBatchEnd(_ batch: Int, _ logs: () throws -> Logs) throws {
    try batchEnd?(batch, logs)
  }
}
