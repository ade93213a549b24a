/// Lowers the learning rate when a figure has not become better for some epochs.
public final class ReduceLROnPlateau: Callback {
  private var monitor: Monitor
  private let factor: Double
  private let patience: Int
  private let cooldown: Int
  private let minimumRate: Double
  private var wait = 0
  private var cooling = 0

  /// - Parameters:
  ///   - factor: what the rate is multiplied with.
  ///   - patience: after how many epochs without a better figure.
  ///   - cooldown: how many epochs after a change do not count.
  ///   - minimumRate: where the rate ends.
  public init(
    monitor: String = "val_loss", factor: Double = 0.1, patience: Int = 10,
    mode: MonitorMode = .auto, minimumDelta: Double = 1e-4, cooldown: Int = 0,
    minimumRate: Double = 0
  ) {
    self.monitor = Monitor(monitor, mode, minimumChange: minimumDelta)
    self.factor = factor
    self.patience = patience
    self.cooldown = cooldown
    self.minimumRate = minimumRate
  }

  override public func onTrainBegin() {
    monitor.reset()
    wait = 0
    cooling = 0
  }

  override public func onEpochEnd(_ epoch: Int, _ logs: Logs) {
    guard let value = monitor.value(in: logs), let optimizer = model?.optimizer else { return }
    if cooling > 0 {
      cooling -= 1
      wait = 0
    }
    if monitor.improves(value, model) {
      wait = 0
    } else if cooling == 0 {
      wait += 1
      let old = optimizer.learningRate
      if wait >= patience, old > minimumRate {
        optimizer.learningRate = max(old * factor, minimumRate)
        cooling = cooldown
        wait = 0
      }
    }
  }
}

/// Sets the learning rate at the beginning of each epoch.
///
///     LearningRateScheduler { epoch, rate in epoch < 10 ? rate : rate * 0.9 }
public final class LearningRateScheduler: Callback {
  private let schedule: (_ epoch: Int, _ rate: Double) -> Double

  public init(_ schedule: @escaping (_ epoch: Int, _ rate: Double) -> Double) {
    self.schedule = schedule
  }

  override public func onEpochBegin(_ epoch: Int) {
    guard let optimizer = model?.optimizer else { return }
    optimizer.learningRate = schedule(epoch, optimizer.learningRate)
  }
}
