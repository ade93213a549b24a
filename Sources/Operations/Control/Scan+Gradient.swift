internal import GnomonIR
internal import GnomonTensors

/// The derivative of a scan: a scan the other way round.
///
/// Its body is the reverse sweep of the forward body. What that reads of the forward body is kept,
/// as an output of the forward loop, if it is dear to make (`isRecomputed`), and computed again from
/// kept values otherwise. The derivatives of captured values are sums over all steps: sums of
/// products become one contraction over the steps after the loop, others are carried.
struct ScanGradient {
  private let op: Scan
  private let context: GradientContext
  private let carries: [Expr]
  private let rows: [Expr]
  private let captures: [Expr]
  private let nextCarries: [Expr]
  private let outputs: [Expr]
  /// Nodes up to here belong to the forward body.
  private let boundary: Int

  init(_ op: Scan, _ context: GradientContext) {
    self.op = op
    self.context = context
    let body = context.regions[0]
    let lead = op.carries + op.sequences
    carries = Array(body.parameters[..<op.carries])
    rows = Array(body.parameters[op.carries..<lead])
    captures = Array(body.parameters[lead...])
    nextCarries = Array(body.results[..<op.carries])
    outputs = Array(body.results[op.carries...])
    boundary = Node.clock.now
  }

  private var sequenceOperands: [Expr] {
    Array(context.operands[op.carries..<(op.carries + op.sequences)])
  }

  func operandDerivatives() throws -> [Expr?] {
    let sweep = try sweepUntilStable()
    guard
      sweep.carries.contains(where: { $0 != nil }) || sweep.rows.contains(where: { $0 != nil })
        || sweep.captures.contains(where: { $0 != nil })
    else { return context.operands.map { _ in nil } }
    var loop = ReverseLoop(
      op: op, carries: carries, rows: rows, captures: captures, boundary: boundary)
    return try loop.derivatives(sweep, context, augmented: augmented)
  }

  /// One reverse sweep of the body.
  struct Sweep {
    /// The carries along which derivatives flow, and what stands for the derivative of each after
    /// the step.
    var active: [Int]
    var upstream: [Expr]
    /// For the outputs with a derivative its row.
    var outputRows: [(output: Int, row: Expr)]
    var carries: [Expr?]
    var rows: [Expr?]
    var captures: [Expr?]
  }

  /// Sweeps the body for the carries along which derivatives flow: those that the loss depends on,
  /// and those that these depend on.
  private func sweepUntilStable() throws -> Sweep {
    let lead = op.carries + op.sequences
    var active = carries.indices.filter { context.upstream[$0] != nil }
    let kept = outputs.indices.filter { context.upstream[op.carries + $0] != nil }
    while true {
      let upstream = active.map { i in
        Expr.regionParameter(nextCarries[i].type, "derivative of state \(i)", at: .here())
      }
      let outputRows = kept.map { k in
        (k, Expr.regionParameter(outputs[k].type, "derivative of output \(k)", at: .here()))
      }
      let wantedRows = rows.indices.filter { context.wanted[op.carries + $0] }
      let wantedCaptures = captures.indices.filter { context.wanted[lead + $0] }
      let inputs =
        carries.filter(\.dtype.isFloat) + wantedRows.map { rows[$0] }
        + wantedCaptures.map { captures[$0] }
      let found = try reverseSweep(
        outputs: active.map { nextCarries[$0] } + kept.map { outputs[$0] },
        upstream: upstream + outputRows.map(\.1), inputs: inputs,
        stopAt: carries + rows + captures)
      var byID: [Expr.ID: Expr] = [:]
      for (e, d) in zip(inputs, found) { byID[e.id] = d }
      let ofCarries = carries.map { byID[$0.id] }
      let reached = carries.indices.filter { ofCarries[$0] != nil || active.contains($0) }
      if reached == active {
        var ofCaptures = [Expr?](repeating: nil, count: captures.count)
        for k in wantedCaptures { ofCaptures[k] = byID[captures[k].id] }
        var ofRows = [Expr?](repeating: nil, count: rows.count)
        for k in wantedRows { ofRows[k] = byID[rows[k].id] }
        return Sweep(
          active: active, upstream: upstream, outputRows: outputRows, carries: ofCarries,
          rows: ofRows, captures: ofCaptures)
      }
      active = reached
    }
  }

  /// The forward loop with further values of its body kept; gives their stacks.
  private func augmented(_ values: [Expr]) -> [Expr] {
    if values.isEmpty { return [] }
    let body = context.regions[0]
    let results = Expr.apply(
      op, context.operands,
      regions: [Body(parameters: body.parameters, results: body.results + values)], at: .here())
    return Array(results[body.results.count...])
  }
}
