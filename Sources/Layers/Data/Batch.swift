public import Gnomon

/// Some samples: what a model is given, what it should say, and what each counts.
///
/// The first axis of every tensor is the samples.
public struct Batch: Sendable {
  /// A tensor for each input of the model.
  public var inputs: [Tensor]
  /// A tensor for each output of the model; none where there is nothing to compare with.
  public var targets: [Tensor]
  /// A number for each sample, or for each step of each.
  public var sampleWeights: Tensor?

  public init(_ inputs: [Tensor], _ targets: [Tensor] = [], sampleWeights: Tensor? = nil) {
    self.inputs = inputs
    self.targets = targets
    self.sampleWeights = sampleWeights
  }

  public init(_ input: Tensor, _ target: Tensor? = nil, sampleWeights: Tensor? = nil) {
    self.init([input], target.map { [$0] } ?? [], sampleWeights: sampleWeights)
  }

  /// The number of samples.
  public var count: Int { inputs.first?.shape.first ?? 0 }

  /// All tensors, in the order of a step's arguments.
  var tensors: [Tensor] { inputs + targets + (sampleWeights.map { [$0] } ?? []) }

  /// The same with each tensor replaced.
  func mapped(_ change: (Tensor) throws -> Tensor) rethrows -> Batch {
    Batch(
      try inputs.map(change), try targets.map(change),
      sampleWeights: try sampleWeights.map(change))
  }

  /// The samples at some positions, in their order.
  func gathered(_ rows: [Int]) throws -> Batch { try mapped { try $0.gatherRows(rows) } }

  /// The samples of a range.
  func rows(_ range: Range<Int>) throws -> Batch { try mapped { try $0.rows(range) } }
}
