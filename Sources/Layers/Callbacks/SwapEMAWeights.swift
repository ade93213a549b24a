internal import Gnomon

/// Evaluates, and saves, a model with the averages of its weights, and trains on with the weights themselves.
/// Needs an optimizer that takes averages: `.adam().averaging()`.
public final class SwapEMAWeights: Callback {
  private let swapsEveryEpoch: Bool

  /// - Parameter onEpoch: whether the averages stay in place until the next epoch begins, so that callbacks
  ///   that save see them; else for the validation only.
  public init(onEpoch: Bool = false) { swapsEveryEpoch = onEpoch }

  override public func onEpochBegin(_ epoch: Int) {
    if swapsEveryEpoch, epoch > 0 { model?.optimizer?.swapAverages() }
  }

  override public func onEpochEnd(_ epoch: Int, _ logs: Logs) {
    if swapsEveryEpoch { model?.optimizer?.swapAverages() }
  }

  override public func onTestBegin() { if !swapsEveryEpoch { model?.optimizer?.swapAverages() } }
  override public func onTestEnd(_ logs: Logs) {
    if !swapsEveryEpoch { model?.optimizer?.swapAverages() }
  }
}
