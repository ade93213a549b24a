internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

extension RowSchedule {
  // MARK: - One long row

  /// A group without outer axes: a flat sweep, or a reduction of everything in chunks.
  mutating func flat() {
    let v = inner[0]
    let n = group.axes[v]
    let reductions = stages(.rowReduction)
    let isSmall = (n.constant ?? Int.max) <= 2 * Self.block
    if isSmall || reductions.contains(where: { group.stages[$0].combiner!.isArgument }) {
      emitRow()
      return
    }
    if reductions.isEmpty {
      let lower = newAxis()
      let upper = newAxis()
      let units = (n + Dim(Self.block - 1)).quotient(dividingBy: Dim(Self.block))
      let body = block { schedule in
        schedule.emitPass(
          0, from: .axis(lower) * Dim(Self.block),
          to: Dim.minimum(.axis(upper) * Dim(Self.block), n))
      }
      b.append(
        .parallel(
          Statement.Parallel(lower: lower, upper: upper, count: units, cost: cost, body)))
      row = [:]
      emitRowOutputs()
      return
    }
    for s in reductions {
      let stage = group.stages[s]
      partial[s] = addBuffer(
        stage.combiner!.accumulator(stage.dtype), Dim(Self.chunkCount), perWorker: false,
        name: "partial \(stage.name)")
    }
    let lower = newAxis()
    let upper = newAxis()
    let chunk = newAxis()
    let unit = 64 * Self.chunkCount
    let size = (n + Dim(unit - 1)).quotient(dividingBy: Dim(unit)) * 64
    let body = block { schedule in
      schedule.emitPass(
        0, from: Dim.minimum(n, .axis(chunk) * size), to: Dim.minimum(n, (.axis(chunk) + 1) * size))
      for s in reductions {
        schedule.b.append(
          .store(
            schedule.row[s]!, to: Statement.Access(schedule.partial[s]!, .axis(chunk), stride: 0)))
      }
      schedule.row = [:]
    }
    let loop = Statement.loop(Statement.Loop(chunk, from: .axis(lower), to: .axis(upper), body))
    b.append(
      .parallel(
        Statement.Parallel(
          lower: lower, upper: upper, count: Dim(Self.chunkCount), cost: cost, [loop])))
    row = [:]
    for s in reductions { row[s] = combinedPartials(s) }
    emitRowOutputs()
  }

  /// Stores what the row as a whole gives.
  mutating func emitRowOutputs() {
    for s in group.stages.indices where roles[s] == .row || roles[s] == .rowReduction {
      for write in group.stages[s].writes {
        storeOnce(s, rowValue(s), Statement.Access(write.buffer, write.index, stride: 0))
      }
    }
  }

  // MARK: - Passes

  mutating func emitPass(_ p: Int) {
    emitPass(p, from: 0, to: inner.last.map { group.axes[$0] } ?? 1)
  }

  /// One sweep over the row: computes what the plan says, and joins what is reduced.
  mutating func emitPass(_ p: Int, from: Dim, to: Dim) {
    let reductions = stages(.rowReduction).filter { plan.level[$0] == p }
    let columns = stages(.columnReduction).filter { plan.level[$0] == p && isWithinPass($0) }
    let computed = plan.computed[p]
    hoisted = [:]
    for s in computed + reductions + columns { hoistOperands(s) }
    let ahead = nextRow(duringPass: p)

    let weight = weight(ofPass: p)
    let isPlain = columns.isEmpty && !reductions.contains { group.stages[$0].combiner!.isArgument }
    let drawsBlocks = isPlain && drawsBlocks(duringPass: p, from: from)
    // Two halves of a register, or four quarters, are copies that take turns already. So are rows.
    let isInterleaved =
      weight >= 20 && machine.vectorBytes >= lanes * 4 && !drawsBlocks && !sharesReads
    // The number of accumulators decides the order of a sum: it is the same on all machines.
    let chains = (weight < 10 ? 4 : 2) / (sharesReads ? 2 : 1)
    let unroll =
      lanes == 1 || !isPlain
      ? 1 : drawsBlocks ? 4 : !reductions.isEmpty ? chains : isInterleaved ? 2 : 1
    // Accumulators are joined in pairs, so that there are 1, 2 or 4.
    let vectors = shortRow.map { ($0 + lanes - 1) / lanes } ?? unroll
    let copies = min(unroll, vectors >= 4 ? 4 : vectors >= 2 ? 2 : 1)
    var accumulators: [Int: [Register]] = [:]
    for s in reductions { accumulators[s] = makeAccumulators(s, count: copies) }

    func body(_ schedule: inout RowSchedule, lanes: Int, offset: Int, active: Dim?) {
      if active == nil {
        for place in ahead {
          let index = place.index.shifted(schedule.inner[schedule.inner.count - 1], by: offset)
          schedule.b.append(.prefetch(buffer: place.buffer, index))
        }
      }
      schedule.b.blockPart = drawsBlocks ? offset / lanes : nil
      schedule.passBody(
        p, reductions: reductions, columns: columns, accumulators: accumulators, lanes: lanes,
        offset: offset, active: active)
      schedule.b.blockPart = nil
    }
    func nest(_ schedule: inout RowSchedule, _ depth: Int) {
      guard depth < schedule.inner.count - 1 else {
        schedule.vectorLoop(
          schedule.inner[depth], from: from, to: to, unroll: unroll, isInterleaved: isInterleaved
        ) { body(&$0, lanes: $1, offset: $2, active: $3) }
        return
      }
      let axis = schedule.inner[depth]
      let inside = schedule.block { nest(&$0, depth + 1) }
      schedule.b.append(.loop(Statement.Loop(axis, to: schedule.group.axes[axis], inside)))
    }
    if let n = shortRow {
      var starts: [Int] = []
      for offset in stride(from: 0, to: n, by: lanes) {
        starts.append(b.openStatements.count)
        let left = n - offset
        body(&self, lanes: lanes, offset: offset, active: left < lanes ? Dim(left) : nil)
      }
      if isInterleaved { b.interleave(copiesAt: starts) }
    } else {
      nest(&self, 0)
    }
    for s in reductions {
      row[s] = finished(s, accumulators[s]!)
    }
  }

  private mutating func passBody(
    _ p: Int, reductions: [Int], columns: [Int], accumulators: [Int: [Register]], lanes: Int,
    offset: Int, active: Dim?
  ) {
    let v = inner.last!
    var values = kept[offset] ?? [:]
    for s in plan.loaded[p] where values[s] == nil {
      let stage = group.stages[s]
      let place =
        keptPlace(s) ?? Place(buffer: stage.writes[0].buffer, index: stage.writes[0].index)
      values[s] = b.define(
        stage.dtype, lanes: lanes,
        .load(access(place.buffer, place.index, v: v, offset: offset, active: active)))
    }
    for s in plan.computed[p] where values[s] == nil {
      values[s] = evaluate(s, v: v, lanes: lanes, offset: offset, active: active, values: values)
      store(s, values[s]!, v: v, offset: offset, active: active)
      if let place = keptPlace(s) {
        b.append(
          .store(
            b.wide(values[s]!, lanes),
            to: access(place.buffer, place.index, v: v, offset: offset, active: active)))
      }
    }
    if shortRow != nil { kept[offset] = values }
    let needsMask = !reductions.isEmpty || columns.contains { whole[$0] != nil }
    let mask = !needsMask ? nil : active.map { b.define(.bool, lanes: lanes, .lanesBelow($0)) }
    for s in reductions {
      let all = accumulators[s]!
      if group.stages[s].combiner!.isArgument {
        joinArgument(s, all, values, v: v, lanes: lanes, offset: offset, active: active, mask: mask)
      } else {
        let copy = all[lanes == 1 ? 0 : offset / max(lanes, 1) % all.count]
        join(s, into: copy, values, v: v, lanes: lanes, offset: offset, active: active, mask: mask)
      }
    }
    for s in columns {
      let stage = group.stages[s]
      if let total = whole[s] {
        join(s, into: total, values, v: v, lanes: lanes, offset: offset, active: active, mask: mask)
        continue
      }
      let accumulator = stage.combiner!.accumulator(stage.dtype)
      let size = stage.axes.reduce(Dim(1)) { $0 * group.axes[$1] }
      let place = access(
        partial[s]!, columnIndex(s) + size * .axis(chunkAxis!), v: v, offset: offset,
        active: active)
      let total = b.mutableLoad(accumulator, lanes: lanes, place)
      join(s, into: total, values, v: v, lanes: lanes, offset: offset, active: active, mask: nil)
      b.append(.store(total, to: place))
    }
  }

  // MARK: - Values

  /// Scalars that a pass's stages need are computed before the loop.
  private mutating func hoistOperands(_ s: Int) {
    let inside = Set(inner)
    for (k, read) in group.stages[s].reads.enumerated() {
      switch read {
      case .stage(let i):
        if roles[i] != .inner { hoisted[[s, k]] = rowValue(i) }
      case .memory(_, let index, let guards, _):
        let axes = guards.reduce(index.axes) { $0.union($1.axes) }
        let uses = index.loadedReads
        let isScalar = axes.isDisjoint(with: inside) && uses.allSatisfy { hoisted[[s, $0]] != nil }
        if isScalar { hoisted[[s, k]] = loadScalar(s, k) }
      }
    }
  }

  /// A stage's value for the open row.
  mutating func rowValue(_ s: Int) -> Register {
    if let r = row[s] { return r }
    let r = scalarProgram(s)
    row[s] = r
    return r
  }

  /// A stage's body on scalars.
  mutating func scalarProgram(_ s: Int) -> Register {
    var operands: [Register] = []
    for (k, read) in group.stages[s].reads.enumerated() {
      switch read {
      case .stage(let i): operands.append(rowValue(i))
      case .memory: operands.append(loadScalar(s, k, known: operands))
      }
    }
    return b.evaluate(group.stages[s].body, lanes: 1, operands: operands) { ($0, step: 0) }
  }

  private mutating func loadScalar(_ s: Int, _ k: Int, known: [Register] = []) -> Register {
    guard case .memory(let buffer, let index, let guards, let otherwise) = group.stages[s].reads[k]
    else { preconditionFailure("read \(k) is not of memory") }
    let place = index.substituting { atom in
      guard case .loaded(let j) = atom else { return nil }
      let source = j < known.count ? known[j] : hoisted[[s, j]]!
      return Dim(.loaded(b.integer(source).number))
    }
    return b.define(
      buffers[buffer].dtype, lanes: 1,
      .load(
        Statement.Access(buffer, place, stride: 0, guards: guards, otherwise: otherwise)))
  }

  /// A stage's body at the open vector of points.
  mutating func evaluate(
    _ s: Int, v: Int, lanes: Int, offset: Int, active: Dim?, values: [Int: Register]
  ) -> Register {
    let operands = operandRegisters(
      s, v: v, lanes: lanes, offset: offset, active: active, values: values)
    return b.evaluate(group.stages[s].body, lanes: lanes, operands: operands) { d in
      (d.shifted(v, by: offset), step: lanes == 1 ? 0 : d.linear(in: v)?.coefficient ?? 0)
    }
  }

  private mutating func operandRegisters(
    _ s: Int, v: Int, lanes: Int, offset: Int, active: Dim?, values: [Int: Register]
  ) -> [Register] {
    var operands: [Register] = []
    let reads = group.stages[s].reads
    for (k, read) in reads.enumerated() {
      if let r = hoisted[[s, k]] {
        operands.append(r)
        continue
      }
      // A square is of one load, and known to be one.
      if let j = reads[..<k].firstIndex(of: read) {
        operands.append(operands[j])
        continue
      }
      switch read {
      case .stage(let i):
        operands.append(values[i] ?? rowValue(i))
      case .memory(var buffer, var index, let guards, let otherwise):
        if guards.isEmpty, let copy = packed[PackedRead(buffer: buffer, index: index)] {
          (buffer, index) = (copy, .axis(v))
        }
        operands.append(
          b.load(
            buffers[buffer].dtype, buffer, index, guards: guards, otherwise: otherwise,
            reads: operands, v: v, lanes: lanes, offset: offset, active: active))
      }
    }
    return operands
  }

  mutating func store(_ s: Int, _ value: Register, v: Int, offset: Int, active: Dim?) {
    for write in group.stages[s].writes {
      // What does not vary along the vectors is one element.
      let isOne = value.lanes == 1 && !group.stages[s].axes.contains(v)
      let stored = isOne ? value : b.wide(value, self.lanes)
      storeOnce(
        s, stored,
        access(write.buffer, write.index, v: v, offset: offset, active: isOne ? nil : active))
    }
  }

  /// Stores a stage's value; if it is the same for several rows, the first of them does, since two
  /// workers must not write one element.
  mutating func storeOnce(_ s: Int, _ value: Register, _ place: Statement.Access) {
    let store = Statement.store(value, to: place)
    let missing = outer.filter { !group.stages[s].axes.contains($0) }
    // After the rows there is no row.
    let isAfter = roles[s] == .after || roles[s] == .columnReduction
    b.append(
      missing.isEmpty || isAfter
        ? store : .conditional(missing.map { .nonNegative(-.axis($0)) }, [store]))
  }

  private func access(
    _ buffer: Int, _ index: Dim, v: Int, offset: Int, active: Dim?
  ) -> Statement.Access {
    Statement.Access(
      buffer, index.shifted(v, by: offset), stride: index.linear(in: v)?.coefficient ?? 0,
      active: active)
  }

  mutating func converted(_ r: Register, to dtype: DType) -> Register {
    r.dtype == dtype ? r : b.define(dtype, lanes: r.lanes, .op(.convert, [r]))
  }

  // MARK: - Reductions

  private mutating func makeAccumulators(_ s: Int, count: Int) -> [Register] {
    let stage = group.stages[s]
    let combiner = stage.combiner!
    let dtype = combiner.accumulator(combiner.isArgument ? stage.body.resultTypes[0] : stage.dtype)
    if combiner.isArgument {
      return [
        b.variable(dtype, lanes: lanes, bits: combiner.identity(dtype)),
        b.variable(.int64, lanes: lanes, bits: UInt64(Int64.max)),
      ]
    }
    return (0..<count).map { _ in b.variable(dtype, lanes: lanes, bits: combiner.identity(dtype)) }
  }

  mutating func combine(
    _ total: Register, _ value: Register, _ combiner: Combiner, mask: Register?
  ) {
    guard let mask else {
      b.assign(total, .op(combiner.op!, [total, value]))
      return
    }
    let joined = b.define(total.dtype, lanes: total.lanes, .op(combiner.op!, [total, value]))
    b.assign(total, .op(.select, [mask, joined, total]))
  }

  /// Joins the value of a reduction's body at the open vector to its accumulator; a sum of products
  /// by multiply-add.
  private mutating func join(
    _ s: Int, into total: Register, _ values: [Int: Register], v: Int, lanes: Int, offset: Int,
    active: Dim?, mask: Register?
  ) {
    let stage = group.stages[s]
    let operands = operandRegisters(
      s, v: v, lanes: lanes, offset: offset, active: active, values: values)
    let index: (Dim) -> (Dim, step: Dim) = { d in
      (d.shifted(v, by: offset), step: lanes == 1 ? 0 : d.linear(in: v)?.coefficient ?? 0)
    }
    if stage.combiner == .sum, let factors = stage.body.factors(total.dtype) {
      let pair = b.evaluateAll(factors, lanes: lanes, operands: operands, index: index)
      let x = b.wide(pair[0], lanes)
      let y = b.wide(pair[1], lanes)
      if let mask {
        let joined = b.define(total.dtype, lanes: lanes, .op(.multiplyAdd, [x, y, total]))
        b.assign(total, .op(.select, [mask, joined, total]))
      } else {
        b.assign(total, .op(.multiplyAdd, [x, y, total]))
      }
      return
    }
    let value = b.evaluate(stage.body, lanes: lanes, operands: operands, index: index)
    combine(total, b.wide(converted(value, to: total.dtype), lanes), stage.combiner!, mask: mask)
  }

  private mutating func joinArgument(
    _ s: Int, _ total: [Register], _ values: [Int: Register], v: Int, lanes: Int, offset: Int,
    active: Dim?, mask: Register?
  ) {
    let stage = group.stages[s]
    let value = b.wide(
      evaluate(s, v: v, lanes: lanes, offset: offset, active: active, values: values), lanes)
    let best = total[0]
    let position = b.define(
      .int64, lanes: lanes, .index(.axis(v).shifted(v, by: offset), step: lanes == 1 ? 0 : 1))
    let isLarger = stage.combiner == .argumentMaximum
    var better = b.op(.less, .bool, isLarger ? best : value, isLarger ? value : best)
    let tie = b.op(
      .and, .bool, b.op(.equal, .bool, value, best), b.op(.less, .bool, position, total[1]))
    better = b.op(.or, .bool, better, tie)
    if value.dtype.isFloat {
      // The first NaN wins and stays.
      let isNaN = b.op(.notEqual, .bool, value, value)
      let wasNumber = b.op(.equal, .bool, best, best)
      better = b.op(.or, .bool, better, b.op(.and, .bool, isNaN, wasNumber))
    }
    if let mask { better = b.op(.and, .bool, better, mask) }
    b.assign(best, .op(.select, [better, value, best]))
    b.assign(total[1], .op(.select, [better, position, total[1]]))
  }

  /// The accumulators joined to one scalar: copies pairwise, then lanes as a tree.
  private mutating func finished(_ s: Int, _ accumulators: [Register]) -> Register {
    let stage = group.stages[s]
    let combiner = stage.combiner!
    if combiner.isArgument {
      let (best, position) = (accumulators[0], accumulators[1])
      guard lanes > 1 else { return converted(position, to: stage.dtype) }
      let extreme = b.define(
        best.dtype, lanes: 1,
        .reduceLanes(combiner == .argumentMaximum ? .maximum : .minimum, best))
      let wide = b.widened(extreme, to: lanes)
      var isBest = b.op(.equal, .bool, best, wide)
      if best.dtype.isFloat {
        isBest = b.op(.or, .bool, isBest, b.op(.notEqual, .bool, best, best))
      }
      let none = b.pure(.constant(UInt64(Int64.max)), .int64, lanes: lanes, [])
      let candidates = b.define(.int64, lanes: lanes, .op(.select, [isBest, position, none]))
      let first = b.define(.int64, lanes: 1, .reduceLanes(.minimum, candidates))
      return converted(first, to: stage.dtype)
    }
    var level = accumulators
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map { i in
        b.define(level[i].dtype, lanes: lanes, .op(combiner.op!, [level[i], level[i + 1]]))
      }
    }
    return converted(
      reduced(level[0], combiner), to: partial[s] == nil ? stage.dtype : level[0].dtype)
  }

  mutating func reduced(_ r: Register, _ combiner: Combiner) -> Register {
    r.lanes == 1 ? r : b.define(r.dtype, lanes: 1, .reduceLanes(combiner.op!, r))
  }

  // MARK: - The vector loop

  /// `body` for whole vectors, `unroll` at a time while there are that many, then singly, then once
  /// with the lanes that are left. The copies come one after the other, or their statements in turn.
  mutating func vectorLoop(
    _ v: Int, from: Dim, to: Dim, unroll: Int = 1, isInterleaved: Bool = false,
    _ body: (inout RowSchedule, _ lanes: Int, _ offset: Int, _ active: Dim?) -> Void
  ) {
    guard lanes > 1 else {
      let inside = block { body(&$0, 1, 0, nil) }
      b.append(.loop(Statement.Loop(v, from: from, to: to, inside)))
      return
    }
    let count = to - from
    var at = from
    for copies in unroll > 1 ? [unroll, 1] : [1] {
      let step = copies * lanes
      let rest = to - at
      if let n = rest.constant, n < step { continue }
      let end = at + rest.quotient(dividingBy: Dim(step)) * Dim(step)
      let stop = named(end)
      let inside = block { schedule in
        var starts: [Int] = []
        for u in 0..<copies {
          starts.append(schedule.b.openStatements.count)
          body(&schedule, schedule.lanes, u * schedule.lanes, nil)
        }
        if isInterleaved { schedule.b.interleave(copiesAt: starts) }
      }
      b.append(.loop(Statement.Loop(v, from: at, to: stop, step: step, inside)))
      at = stop
    }
    let left = to - at
    if left.constant == 0 { return }
    if (count.constant.map { $0 % lanes == 0 }) == true { return }
    let tail = block { schedule in
      schedule.b.append(.bind(v, at))
      body(&schedule, schedule.lanes, 0, left)
    }
    b.append(.conditional([.nonNegative(left - 1)], tail))
  }

  /// A bound under a name of its own, unless it is a constant.
  private mutating func named(_ d: Dim) -> Dim {
    if d.constant != nil || d.singleAxis != nil { return d }
    let axis = newAxis()
    b.append(.bind(axis, d))
    return .axis(axis)
  }
}
