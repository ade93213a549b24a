import Gnomon

/// What no program that computes the same can avoid.
struct Work {
  let flops: Double
  let bytes: Double

  init(flops: Double, bytes: Double) {
    self.flops = flops
    self.bytes = bytes
  }

  /// The flops of a plan, and the bytes of its arguments, its results and twice its variables.
  ///
  /// - Parameter touched: the bytes, where a program reads or writes only part of its arguments and
  ///   variables.
  init(_ plan: Plan, touched: Int? = nil) {
    func number(_ formula: Dim) -> Double { Double(formula.evaluated(names: [:]) ?? 0) }
    flops = number(plan.flops)
    bytes =
      touched.map(Double.init)
      ?? number(plan.inputBytes + plan.outputBytes + 2 * plan.variableBytes)
  }
}

/// The least time that the machine's limits allow for some work.
struct Floor {
  let seconds: Double
  /// What is scarce: `flops`, or a memory.
  let bound: String

  init(_ work: Work, _ limits: MachineLimits) {
    let memory = limits.memory(holding: work.bytes)
    let computing = work.flops / limits.ours.flops
    let moving = work.bytes / (limits.ours.bandwidth[memory] ?? .infinity)
    (seconds, bound) = computing > moving ? (computing, "flops") : (moving, memory.rawValue)
  }
}
