internal import Gnomon

/// Ends training when a figure has not become better for some epochs.
public final class EarlyStopping: Callback {
  private var monitor: Monitor
  private let patience: Int
  private let baseline: Double?
  private let restoresBestWeights: Bool
  private let firstEpoch: Int
  private var wait = 0
  private var bestWeights: [Tensor]?
  /// The epoch after which training ended early; nil if it did not.
  public private(set) var stoppedEpoch: Int?
  /// The epoch with the best figure.
  public private(set) var bestEpoch = 0

  /// - Parameters:
  ///   - monitor: the figure's name.
  ///   - minimumDelta: a change smaller than this does not count.
  ///   - patience: after how many epochs without a better figure training ends.
  ///   - baseline: the figure that is to be bettered.
  ///   - restoresBestWeights: whether the model gets the weights of its best epoch back.
  ///   - firstEpoch: before this epoch nothing is looked at.
  public init(
    monitor: String = "val_loss", minimumDelta: Double = 0, patience: Int = 0,
    mode: MonitorMode = .auto, baseline: Double? = nil, restoresBestWeights: Bool = false,
    firstEpoch: Int = 0
  ) {
    self.monitor = Monitor(monitor, mode, minimumChange: minimumDelta)
    self.patience = patience
    self.baseline = baseline
    self.restoresBestWeights = restoresBestWeights
    self.firstEpoch = firstEpoch
  }

  override public func onTrainBegin() {
    wait = 0
    stoppedEpoch = nil
    bestWeights = nil
    bestEpoch = 0
    monitor.reset()
  }

  override public func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {
    guard epoch >= firstEpoch, let value = monitor.value(in: logs) else { return }
    if restoresBestWeights, bestWeights == nil {
      bestWeights = model?.weightValues
      bestEpoch = epoch
    }
    wait += 1
    if monitor.improves(value, model) {
      bestEpoch = epoch
      if restoresBestWeights { bestWeights = model?.weightValues }
      if baseline.map({ monitor.isBetter(value, than: $0, model) }) ?? true { wait = 0 }
      return
    }
    if wait >= patience, epoch > 0 {
      stoppedEpoch = epoch
      model?.stopTraining = true
    }
  }

  override public func onTrainEnd(_ logs: Logs) throws {
    if let bestWeights { try model?.setWeights(bestWeights) }
  }
}
