public import Gnomon

/// Batches, one after the other, as often as they are asked for.
///
///     let training = Dataset(images, labels).shuffled().batched(128).prefetched()
///     try model.fit(training, epochs: 10, validationData: Dataset(test, testLabels).batched(500))
///
///     let lines = Dataset { epoch in            // a stream
///       var reader = LineReader(path)
///       return { reader.next().map { Batch(features($0), label($0)) } }
///     }
///
/// A dataset is a value; each of its functions gives a new one and reads nothing yet.
public struct Dataset: Sendable {
  /// Gives batch after batch, and nil when there are no more.
  public typealias Source = () throws -> Batch?

  /// Samples in memory, and the order in which they are taken.
  struct Rows: Sendable {
    var all: Batch
    var shuffleSeed: UInt64?
  }

  let rows: Rows?
  /// The number of batches, where it is known.
  public let batchCount: Int?
  private let make: @Sendable (_ epoch: Int) throws -> Source

  /// A stream of batches.
  ///
  /// - Parameters:
  ///   - batchCount: how many there are in an epoch, if that is known.
  ///   - make: starts an epoch.
  public init(
    batchCount: Int? = nil, _ make: @escaping @Sendable (_ epoch: Int) throws -> Source
  ) {
    rows = nil
    self.batchCount = batchCount
    self.make = make
  }

  /// Samples in memory, as one batch until `batched` cuts them.
  public init(_ inputs: [Tensor], _ targets: [Tensor] = [], sampleWeights: Tensor? = nil) {
    self.init(Rows(all: Batch(inputs, targets, sampleWeights: sampleWeights)))
  }

  /// Samples in memory of one input and one target.
  public init(_ input: Tensor, _ target: Tensor? = nil, sampleWeights: Tensor? = nil) {
    self.init(Rows(all: Batch(input, target, sampleWeights: sampleWeights)))
  }

  init(_ rows: Rows) {
    self.rows = rows
    batchCount = 1
    make = { epoch in
      var isDone = false
      return {
        if isDone { return nil }
        isDone = true
        return try rows.order(epoch).map { try rows.all.gathered($0) } ?? rows.all
      }
    }
  }

  /// The batches of an epoch.
  public func source(epoch: Int = 0) throws -> Source { try make(epoch) }

  /// All batches of the first epoch, for a look.
  public func collected() throws -> [Batch] {
    let next = try source()
    var all: [Batch] = []
    while let batch = try next() { all.append(batch) }
    return all
  }
}

extension Dataset.Rows {
  /// The positions in their order in an epoch; nil is the order they have.
  func order(_ epoch: Int) -> [Int]? {
    shuffleSeed.map {
      Tensor.permutation(all.count, seed: $0 &+ UInt64(epoch)).integers.map { Int($0) }
    }
  }
}
