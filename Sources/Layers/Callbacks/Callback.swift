/// What is told of the course of training, and may change it.
///
///     final class Halving: Callback {
///       override func onEpochEnd(_ epoch: Int, _ logs: Logs) {
///         if epoch % 10 == 9, let optimizer = model?.optimizer { optimizer.learningRate /= 2 }
///       }
///     }
///
/// Figures of a batch are computed when they are asked for: a callback that does not ask costs nothing.
open class Callback {
  /// The model under training.
  public internal(set) weak var model: Model?
  /// What was asked for.
  public internal(set) var parameters = Parameters()

  /// What `fit`, `evaluate` or `predict` was asked for.
  public struct Parameters: Sendable {
    public var epochs = 1
    /// The number of batches of an epoch, where it is known.
    public var steps: Int?
    public var verbosity = Verbosity.silent
  }

  public init() {}

  open func onTrainBegin() throws {}
  open func onTrainEnd(_ logs: Logs) throws {}
  /// - Parameter epoch: from 0.
  open func onEpochBegin(_ epoch: Int) throws {}
  /// - Parameter logs: the figures of the epoch, those of the validation with `val_` before their names.
  ///   What a callback adds is seen by those after it.
  open func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {}
  /// - Parameter batch: from 0.
  open func onTrainBatchBegin(_ batch: Int) throws {}
  /// - Parameter logs: gives the figures of the epoch so far.
  open func onTrainBatchEnd(_ batch: Int, _ logs: () throws -> Logs) throws {}
  open func onTestBegin() throws {}
  open func onTestEnd(_ logs: Logs) throws {}
  open func onTestBatchBegin(_ batch: Int) throws {}
  open func onTestBatchEnd(_ batch: Int, _ logs: () throws -> Logs) throws {}
  open func onPredictBegin() throws {}
  open func onPredictEnd() throws {}
  open func onPredictBatchBegin(_ batch: Int) throws {}
  open func onPredictBatchEnd(_ batch: Int) throws {}
}

/// What is printed during training.
public enum Verbosity: Sendable, Hashable, ExpressibleByIntegerLiteral {
  /// A bar on a terminal, a line an epoch elsewhere.
  case auto
  case silent
  /// A bar that moves.
  case bar
  /// A line an epoch.
  case line

  /// Keras' numbers: 0 is silent, 1 a bar, 2 a line an epoch.
  public init(integerLiteral value: Int) { self = value == 0 ? .silent : value == 2 ? .line : .bar }
}
