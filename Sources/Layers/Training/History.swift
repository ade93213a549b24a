/// What `fit` has seen: the figures of every epoch.
///
///     let history = try model.fit(images, labels, epochs: 12, validationSplit: 0.1)
///     history["val_accuracy"].max()
public final class History: Callback {
  /// The numbers of the epochs, from 0.
  public private(set) var epochs: [Int] = []
  /// The figures of each epoch.
  public private(set) var logs: [Logs] = []

  /// The figure of a name in each epoch that has it.
  public subscript(name: String) -> [Double] { logs.compactMap { $0[name] } }

  /// The names of all figures, in the order of their first coming.
  public var names: [String] {
    var seen: Set<String> = []
    return logs.flatMap(\.names).filter { seen.insert($0).inserted }
  }

  override public func onTrainBegin() {
    epochs = []
    logs = []
  }

  override public func onEpochEnd(_ epoch: Int, _ logs: Logs) {
    epochs.append(epoch)
    self.logs.append(logs)
  }
}
