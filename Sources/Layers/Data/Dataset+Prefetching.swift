internal import Foundation

extension Dataset {
  /// Makes batches ahead on a thread of its own, while the model computes.
  ///
  /// - Parameter count: how many may wait.
  public func prefetched(_ count: Int = 2) -> Dataset {
    Dataset(batchCount: batchCount) { epoch in
      let queue = BatchQueue(capacity: max(1, count))
      Thread.detachNewThread { [self] in queue.fill { try source(epoch: epoch) } }
      let end = QueueEnd(queue)
      return { try end.queue.take() }
    }
  }
}

/// Closes the queue when nobody takes from it any more, so that its thread ends.
private final class QueueEnd {
  let queue: BatchQueue
  init(_ queue: BatchQueue) { self.queue = queue }
  deinit { queue.close() }
}

/// Batches on their way from one thread to another.
///
/// `@unchecked Sendable`: everything is touched only under `condition`.
private final class BatchQueue: @unchecked Sendable {
  private let condition = NSCondition()
  private let capacity: Int
  private var waiting: [Batch] = []
  private var outcome: Result<Void, any Error>?
  private var isClosed = false

  init(capacity: Int) { self.capacity = capacity }

  /// Puts all batches in, waiting while the queue is full.
  func fill(_ start: () throws -> Dataset.Source) {
    let result = Result {
      let next = try start()
      while let batch = try next() {
        condition.lock()
        while waiting.count >= capacity, !isClosed { condition.wait() }
        let mayGoOn = !isClosed
        if mayGoOn { waiting.append(batch) }
        condition.broadcast()
        condition.unlock()
        if !mayGoOn { return }
      }
    }
    condition.lock()
    outcome = result
    condition.broadcast()
    condition.unlock()
  }

  /// The next batch, waiting for it; nil after the last.
  func take() throws -> Batch? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty, outcome == nil { condition.wait() }
    guard !waiting.isEmpty else {
      try outcome?.get()
      return nil
    }
    defer { condition.broadcast() }
    return waiting.removeFirst()
  }

  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }
}
