public import Gnomon

/// A row of 0 with a 1 for each class number: `[2, 0]` of 3 classes is `[[0, 0, 1], [1, 0, 0]]`.
///
/// - Parameters:
///   - labels: whole numbers from 0 up to below `classes`, of any shape.
///   - classes: by default one more than the largest.
/// - Returns: one axis more, of size `classes`.
/// - Throws: `TensorError` if a label is no class.
public func oneHot(
  _ labels: Tensor, classes: Int? = nil, dtype: DType = .float32
) throws -> Tensor {
  let numbers = labels.integers
  let count = classes ?? Int((numbers.max() ?? -1) + 1)
  var values = [Double](repeating: 0, count: numbers.count * count)
  for (i, n) in numbers.enumerated() {
    guard n >= 0, n < count else {
      throw TensorError.indexOutOfRange(index: Int(n), axis: labels.rank, size: count)
    }
    values[i * count + Int(n)] = 1
  }
  return Tensor(dtype: dtype, shape: Array(labels.shape) + [count], doubles: values)
}

/// Where sequences are filled up or cut.
public enum SequenceEnd: Sendable, Hashable { case before, after }

/// Sequences of different lengths as rows of one length.
///
///     padSequences([[1, 2], [3]], padding: .after)     // [[1, 2], [3, 0]]
///
/// - Parameters:
///   - length: by default that of the longest.
///   - padding: at which end short ones are filled up.
///   - truncating: at which end long ones are cut.
///   - value: what they are filled up with.
public func padSequences(
  _ sequences: [[Int]], length: Int? = nil, dtype: DType = .int32,
  padding: SequenceEnd = .before, truncating: SequenceEnd = .before, value: Int = 0
) -> Tensor {
  let length = length ?? sequences.map(\.count).max() ?? 0
  let rows = sequences.map { sequence in
    let kept: ArraySlice<Int> =
      truncating == .before ? sequence.suffix(length) : sequence.prefix(length)
    let fill = [Int](repeating: value, count: length - kept.count)
    return padding == .before ? fill + Array(kept) : Array(kept) + fill
  }
  return Tensor(
    dtype: dtype, shape: [sequences.count, length],
    integers: rows.flatMap { $0.map { Int64($0) } })
}

/// The samples of several tensors divided into two parts.
///
///     let (train, test) = try splitTrainTest([x, y], testShare: 0.2, seed: 1)
///
/// - Parameters:
///   - tensors: with the same number of samples along the first axis.
///   - testShare: the share of the second part, from 0 to 1.
///   - seed: decides who goes where; nil keeps the order, the second part being the end.
/// - Throws: `TensorError` if the numbers of samples differ, or the share is not in 0...1.
public func splitTrainTest(
  _ tensors: [Tensor], testShare: Double = 0.25, seed: UInt64? = nil
) throws -> (train: [Tensor], test: [Tensor]) {
  let counts = Set(tensors.map { $0.shape.first ?? 1 })
  guard counts.count <= 1, (0...1).contains(testShare) else {
    throw TensorError.invalidArgument(
      "splitTrainTest: \(counts.sorted()) samples, \(testShare) of them to be tested on")
  }
  let n = counts.first ?? 0
  let test = Int((Double(n) * testShare).rounded())
  guard let seed else {
    let cut = n - test
    return (
      try tensors.map { try $0.rows(0..<cut) }, try tensors.map { try $0.rows(cut..<n) }
    )
  }
  let order = Tensor.permutation(n, seed: seed).integers.map { Int($0) }
  return (
    try tensors.map { try $0.gatherRows(Array(order[test...])) },
    try tensors.map { try $0.gatherRows(Array(order[..<test])) }
  )
}
