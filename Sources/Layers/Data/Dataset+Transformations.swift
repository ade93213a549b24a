internal import Gnomon

extension Dataset {
  /// The samples in another order in each epoch.
  ///
  /// Samples in memory are mixed as a whole. Of a stream so many batches are held back, and a random one
  /// of them comes next: single samples, `batched` after they are shuffled, mix best.
  ///
  /// - Parameters:
  ///   - buffer: how many batches of a stream are held back.
  ///   - seed: what decides the orders; by default the next of `RandomSeeds`.
  public func shuffled(buffer: Int = 1024, seed: UInt64? = nil) -> Dataset {
    let seed = seed ?? RandomSeeds.next()
    if var rows {
      rows.shuffleSeed = seed
      return Dataset(rows)
    }
    return Dataset(batchCount: batchCount) { epoch in
      let next = try source(epoch: epoch)
      var held: [Batch] = []
      var choices = RandomPositions(seed: seed &+ UInt64(epoch))
      return {
        while held.count < max(1, buffer), let batch = try next() { held.append(batch) }
        if held.isEmpty { return nil }
        held.swapAt(choices.next(below: held.count), held.count - 1)
        return held.removeLast()
      }
    }
  }

  /// Batches of so many samples; the last may be shorter.
  ///
  /// - Parameter dropsRemainder: whether a shorter last batch is left out.
  public func batched(_ size: Int, dropsRemainder: Bool = false) -> Dataset {
    let size = max(1, size)
    if let rows {
      let n = rows.all.count
      let count = dropsRemainder ? n / size : (n + size - 1) / size
      return Dataset(batchCount: count) { epoch in
        let order = rows.order(epoch)
        var at = 0
        return {
          guard at < count else { return nil }
          let range = (at * size)..<min((at + 1) * size, n)
          at += 1
          if let order { return try rows.all.gathered(Array(order[range])) }
          return try rows.all.rows(range)
        }
      }
    }
    return Dataset { epoch in
      let next = try source(epoch: epoch)
      // What came and was not yet handed out.
      var held: [Batch] = []
      var isDone = false
      return {
        while !isDone, held.reduce(0, { $0 + $1.count }) < size {
          guard let batch = try next() else {
            isDone = true
            break
          }
          held.append(batch)
        }
        let all = try Batch.joined(held)
        guard let all, all.count >= size || !dropsRemainder else { return nil }
        let cut = min(size, all.count)
        held = cut < all.count ? [try all.rows(cut..<all.count)] : []
        return try all.rows(0..<cut)
      }
    }
  }

  /// Each batch changed by a function.
  public func map(_ change: @escaping @Sendable (Batch) throws -> Batch) -> Dataset {
    Dataset(batchCount: batchCount) { epoch in
      let next = try source(epoch: epoch)
      return { try next().map(change) }
    }
  }

  /// The first batches only.
  public func prefix(_ count: Int) -> Dataset {
    Dataset(batchCount: batchCount.map { min($0, count) } ?? count) { epoch in
      let next = try source(epoch: epoch)
      var left = count
      return {
        left -= 1
        return left >= 0 ? try next() : nil
      }
    }
  }

  /// Without the first batches.
  public func dropFirst(_ count: Int) -> Dataset {
    Dataset(batchCount: batchCount.map { max(0, $0 - count) }) { epoch in
      let next = try source(epoch: epoch)
      var left = count
      return {
        while left > 0 {
          left -= 1
          if try next() == nil { return nil }
        }
        return try next()
      }
    }
  }
}

extension Batch {
  /// Several batches as one; nil of none.
  static func joined(_ parts: [Batch]) throws -> Batch? {
    guard let first = parts.first, parts.count > 1 else { return parts.first }
    func all(_ pick: (Batch) -> Tensor?) throws -> Tensor? {
      try Tensor.joinedRows(parts.compactMap(pick))
    }
    return Batch(
      try first.inputs.indices.compactMap { i in try all { $0.inputs[i] } },
      try first.targets.indices.compactMap { i in try all { $0.targets[i] } },
      sampleWeights: try all(\.sampleWeights))
  }
}

extension Tensor {
  /// Tensors one below the other, along the first axis; nil of none.
  ///
  /// - Throws: `TensorError` if they differ in anything but the size of that axis.
  static func joinedRows(_ parts: [Tensor]) throws -> Tensor? {
    guard let first = parts.first else { return nil }
    let inner = first.shape.dropFirst()
    for part in parts
    where part.dtype != first.dtype || !part.shape.dropFirst().elementsEqual(inner) {
      throw TensorError.invalidArgument(
        "batches of \(first.dtype) \(first.shape) and \(part.dtype) \(part.shape) cannot be joined")
    }
    let count = parts.reduce(0) { $0 + ($1.shape.first ?? 1) }
    var result = Tensor(uninitialized: first.dtype, Shape([count] + inner))
    result.withUnsafeMutableBytes { to in
      var at = 0
      for part in parts {
        part.withUnsafeBytes { from in
          UnsafeMutableRawBufferPointer(rebasing: to[at...]).copyMemory(from: from)
          at += from.count
        }
      }
    }
    return result
  }
}

/// Random positions, a function of a seed alone.
struct RandomPositions {
  private let seed: UInt64
  private var drawn = 0

  init(seed: UInt64) { self.seed = seed }

  mutating func next(below count: Int) -> Int {
    let words = Philox.block(drawn, seed: seed)
    drawn += 1
    let word = UInt64(words.x) << 32 | UInt64(words.y)
    // The high half of the product is below the count; its bias is below 2^-64 times the count.
    return Int(word.multipliedFullWidth(by: UInt64(count)).high)
  }
}
