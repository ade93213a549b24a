/// What was found about a workload.
struct Measurement {
  /// Seconds from building the expression to the first result.
  let compile: Double
  /// The numbers that peers must agree on; none where they cannot.
  let check: [Double]
  let times: Times
  let work: Work
}

/// Seconds of a call, over many.
struct Times {
  let median: Double
  let least: Double
  /// Nine of ten calls took no longer.
  let ninetieth: Double
  let repetitions: Int
  /// The calls that were timed together, as one is too short for the clock.
  let group: Int

  /// Repeats for the budget and at least five times; short calls in groups that last about 1 ms.
  init(budget: Double, _ call: () throws -> Void) throws {
    try call()
    let start = now()
    try call()
    let once = now() - start
    group = once > 1e-3 ? 1 : max(1, Int(1e-3 / max(once, 1e-7)))
    var times: [Double] = []
    var total = 0.0
    let end = now() + budget
    while times.count < 5 || (now() < end && times.count < 2000) {
      let start = now()
      for _ in 0..<group { try call() }
      let elapsed = now() - start
      times.append(elapsed / Double(group))
      total += elapsed
      if total > 12 { break }
    }
    times.sort()
    let middle = times.count / 2
    median = times.count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2
    least = times[0]
    ninetieth = times[min(times.count - 1, Int(Double(times.count) * 0.9))]
    repetitions = times.count
  }
}
