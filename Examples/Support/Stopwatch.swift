public import GnomonLayers
internal import Foundation

/// Measures the epochs of `fit`: `fit: 12 epochs in 31.20 s, the first in 5.10 s`.
///
/// The step is compiled within the first epoch.
public final class Stopwatch: Callback, CustomStringConvertible {
  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant?
  private var seconds: [Double] = []

  override public init() {}

  override public func onEpochBegin(_ epoch: Int) { start = clock.now }

  override public func onEpochEnd(_ epoch: Int, _ logs: Logs) {
    guard let start else { return }
    seconds.append((clock.now - start) / .seconds(1))
  }

  public var description: String {
    let all = seconds.reduce(0, +)
    return "fit: \(seconds.count) epochs in "
      + String(format: "%.2f s, the first in %.2f s", all, seconds.first ?? 0)
  }
}
