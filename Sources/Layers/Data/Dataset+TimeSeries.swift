public import Gnomon

extension Dataset {
  /// Stretches of a series in batches, each perhaps with what follows it: sample i is
  /// `series[s, s + samplingRate, …]`, `length` of them from `s = i · stride` on.
  ///
  ///     // Ten hours, to foretell the eleventh.
  ///     let data = try Dataset.timeSeries(hours.rows(0..<990), targets: hours.rows(10..<1000), length: 10)
  ///
  /// The series is kept once; stretches are cut out batch by batch.
  ///
  /// - Parameters:
  ///   - series: `[steps, …]`.
  ///   - targets: the one of the stretch that begins at step s is `targets[s]`; there are no more stretches
  ///     than these.
  ///   - length: how many steps a stretch has.
  ///   - stride: how many steps lie between the beginnings of two stretches.
  ///   - samplingRate: how many steps lie between two steps of a stretch.
  ///   - shuffleSeed: what decides the order of the stretches, another in each epoch; nil keeps it.
  /// - Throws: `TensorError` if `length`, `stride` or `samplingRate` is below 1, or the series is a scalar.
  public static func timeSeries(
    _ series: Tensor, targets: Tensor? = nil, length: Int, stride: Int = 1, samplingRate: Int = 1,
    batchSize: Int = 128, shuffleSeed: UInt64? = nil
  ) throws -> Dataset {
    guard length > 0, stride > 0, samplingRate > 0, let steps = series.shape.first,
      targets?.rank != 0
    else {
      throw TensorError.invalidArgument(
        "timeSeries: stretches of \(length), stride \(stride), sampling rate \(samplingRate), of a"
          + " series of shape \(Array(series.shape))")
    }
    let whole = steps - (length - 1) * samplingRate
    let count = min(whole, targets?.shape[0] ?? whole)
    let starts = Swift.stride(from: 0, to: max(0, count), by: stride).map { Int64($0) }
    let positions = Dataset(Tensor(starts))
    let ordered = shuffleSeed.map { positions.shuffled(seed: $0) } ?? positions
    return ordered.batched(batchSize).map { batch in
      let starts = batch.inputs[0].integers.map { Int($0) }
      let rows = starts.flatMap { start in (0..<length).map { start + $0 * samplingRate } }
      let stretches = try series.gatherRows(rows)
        .reshaped([starts.count, length] + series.shape.dropFirst())
      return Batch(stretches, try targets?.gatherRows(starts))
    }
  }
}
