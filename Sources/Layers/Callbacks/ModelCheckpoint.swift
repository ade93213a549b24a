internal import Foundation
internal import Gnomon

/// Saves the model after epochs, each of them or those with a better figure.
///
///     ModelCheckpoint("best.npz", monitor: "val_accuracy", savesBestOnly: true)
///     ModelCheckpoint("weights-{epoch:02d}-{val_loss:.3f}.npz")
///
/// Unless a closure saves something else, the file holds the weights and states by their names, as npz.
public final class ModelCheckpoint: Callback {
  private let path: String
  private var monitor: Monitor
  private let savesBestOnly: Bool
  private let every: Int
  private let save: (_ model: Model, _ path: String) throws -> Void

  /// - Parameters:
  ///   - path: where to; `{epoch}`, from 1, and `{name}` of a figure are filled in, with the formats
  ///     `:02d` and `:.3f`.
  ///   - every: after how many epochs.
  ///   - save: writes the file.
  public init(
    _ path: String, monitor: String = "val_loss", savesBestOnly: Bool = false,
    mode: MonitorMode = .auto, every: Int = 1,
    save: @escaping (_ model: Model, _ path: String) throws -> Void = { model, path in
      let kept = model.weights + model.states
      try Tensor.writeNPZ(kept.map { ($0.name, $0.variable.value) }, to: path)
    }
  ) {
    self.path = path
    self.monitor = Monitor(monitor, mode)
    self.savesBestOnly = savesBestOnly
    self.every = max(1, every)
    self.save = save
  }

  override public func onTrainBegin() { monitor.reset() }

  override public func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {
    guard let model, (epoch + 1) % every == 0 else { return }
    if savesBestOnly {
      guard let value = monitor.value(in: logs), monitor.improves(value, model) else { return }
    }
    try save(model, ModelCheckpoint.filled(path, epoch, logs))
  }

  /// A path with its `{…}` replaced.
  static func filled(_ path: String, _ epoch: Int, _ logs: Logs) -> String {
    path.replacing(/\{(\w+)(?::(0?\d*)(?:\.(\d+))?[df])?\}/) { match in
      let name = String(match.1)
      guard let value = name == "epoch" ? Double(epoch + 1) : logs[name] else {
        return String(match.0)
      }
      let places = match.3.flatMap { Int($0) } ?? (name == "epoch" ? 0 : 4)
      return String(format: "%\(match.2 ?? "").\(places)f", value)
    }
  }
}
