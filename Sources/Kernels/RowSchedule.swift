internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// The nest of a group of rows: loops over the outer axes, and for each row one or more vectorized
/// passes over the inner ones.
///
/// What joins rows (column reductions) is kept per chunk of rows and combined at the end in the order
/// of the chunks. The number of chunks is a constant, so the bits do not depend on the number of
/// threads.
struct RowSchedule {
  /// How many parts a reduction over rows, or over one long row, is made in.
  static let chunkCount = 16
  /// The points that one unit of a flat parallel loop covers.
  static let block = 4096

  let group: FusionGroup
  let outer: [Int]
  let inner: [Int]
  let roles: [RowRoles.Role]
  let plan: RowPlan
  let lanes: Int
  let machine: Machine
  var b = NestBuilder()
  var buffers: [Kernel.Buffer]
  /// For a stage that is kept until a later pass the one whose result's row it is kept in meanwhile.
  private(set) var hosts: [Int: Int] = [:]
  /// The buffer of a stage that is kept in a row of scratch, and of a reduction's partial results.
  var scratch: [Int: Int] = [:]
  var partial: [Int: Int] = [:]
  /// The scratch that holds what all rows read with a stride.
  var packed: [PackedRead: Int] = [:]
  /// Scalars known in the open row.
  var row: [Int: Register] = [:]
  /// The vectors of the open row that stay in registers from pass to pass, by offset and stage.
  var kept: [Int: [Int: Register]] = [:]
  /// Accumulators of column reductions to one value, in the open chunk.
  var whole: [Int: Register] = [:]
  /// Scalars that the open pass takes from outside its loop, by stage and read.
  var hoisted: [[Int]: Register] = [:]
  /// The chunk of rows that is open, while column reductions are made.
  var chunkAxis: Int?
  var nextAxis: Int

  init(
    _ group: FusionGroup, outer: [Int], inner: [Int], roles: [RowRoles.Role], machine: Machine
  ) {
    self.group = group
    self.machine = machine
    self.outer = outer
    self.inner = inner
    self.roles = roles
    plan = RowPlan(group, roles: roles, inner: inner)
    lanes = Self.isTiny(group) ? 1 : group.lanes(along: inner.last)
    buffers = group.buffers
    nextAxis = group.axes.count
    for s in plan.scratch where shortRow == nil {
      hosts[s] = host(for: s)
      if hosts[s] != nil { continue }
      scratch[s] = addBuffer(
        group.stages[s].dtype, innerCount, perWorker: true, name: group.stages[s].name)
    }
  }

  /// Whether operands and results are known to stay in the last cache, where results are not written
  /// past it.
  var staysInCache: Bool { group.bytes.constant.map { $0 < machine.streamedBytes } ?? false }

  /// A stage of the same dtype with a result of its own, written at the same points after the last pass
  /// that loads `s`, or by it: its row is memory that the pass has to fetch anyway.
  private func host(for s: Int) -> Int? {
    guard staysInCache, let last = plan.loaded.lastIndex(where: { $0.contains(s) }) else {
      return nil
    }
    let all = Set(outer + inner)
    return group.stages.indices.first { t in
      let stage = group.stages[t]
      return roles[t] == .inner && stage.writes.count == 1 && Set(stage.axes) == all
        && plan.level[t] >= last && !hosts.values.contains(t)
        && group.buffers[stage.writes[0].buffer].dtype == group.stages[s].dtype
    }
  }

  /// Where a stage is kept until a later pass.
  func keptPlace(_ s: Int) -> Place? {
    if let buffer = scratch[s] { return Place(buffer: buffer, index: innerIndex) }
    return hosts[s].map {
      let write = group.stages[$0].writes[0]
      return Place(buffer: write.buffer, index: write.index)
    }
  }

  /// Whether there are one or two points in all, such as a random key's words: then scalars are as fast
  /// as vectors, and clang is done with them many times as soon.
  private static func isTiny(_ group: FusionGroup) -> Bool {
    let points = group.axes.reduce(Dim(1), *).constant ?? .max
    return points <= 2 && group.stages.allSatisfy { $0.reduced.isEmpty }
  }

  /// The elements of a row of so few vectors that its passes are written out, its values in registers
  /// in between.
  var shortRow: Int? {
    guard plan.passCount > 1, lanes > 1, inner.count == 1, let n = group.axes[inner[0]].constant,
      n > 0, n <= 4 * lanes
    else { return nil }
    return n
  }

  /// How many parts rows are joined in: fewer where these would be as large as the rows.
  var rowChunks: Int {
    guard let first = outer.first, let rows = group.axes[first].constant else {
      return Self.chunkCount
    }
    return max(2, min(Self.chunkCount, rows / 8))
  }

  /// The flat position of the open point among the inner axes.
  private var innerIndex: Dim {
    inner.reduce(Dim(0)) { $0 * group.axes[$1] + .axis($1) }
  }

  var innerCount: Dim { inner.reduce(Dim(1)) { $0 * group.axes[$1] } }
  var outerCount: Dim { outer.reduce(Dim(1)) { $0 * group.axes[$1] } }

  func stages(_ role: RowRoles.Role) -> [Int] {
    group.stages.indices.filter { roles[$0] == role }
  }

  mutating func newAxis() -> Int {
    nextAxis += 1
    return nextAxis - 1
  }

  mutating func addBuffer(_ dtype: DType, _ elements: Dim, perWorker: Bool, name: String) -> Int {
    buffers.append(
      Kernel.Buffer(dtype, .temporary(elements: elements, perWorker: perWorker), name: name))
    return buffers.count - 1
  }

  // MARK: - The outline

  mutating func statements() -> [Statement] {
    let columns = stages(.columnReduction)
    if !outer.isEmpty { packStridedReads() }
    if outer.isEmpty {
      if plan.passCount == 1, inner.count == 1 {
        flat()
      } else {
        emitRow()
      }
    } else if columns.isEmpty {
      let lower = newAxis()
      let upper = newAxis()
      let rows = block { $0.emitRows(from: .axis(lower), to: .axis(upper)) }
      b.append(
        .parallel(
          Statement.Parallel(
            lower: lower, upper: upper, count: group.axes[outer[0]], cost: cost, rows)))
    } else {
      chunkedRows(columns)
    }
    return b.blocks[0]
  }

  mutating func block(_ body: (inout RowSchedule) -> Void) -> [Statement] {
    b.open()
    // Scalars made inside are not known outside.
    let known = row
    body(&self)
    row = known
    return b.close()
  }

  /// The predicted time in nanoseconds: about 32 operations on elements in one.
  var cost: Dim {
    var weight = 0
    for stage in group.stages where stage.axes.count + stage.reduced.count > 0 {
      weight += max(1, stage.body.instructions.reduce(0) { $0 + RowPlan.weight($1.op) }) + 1
    }
    return (outerCount * innerCount * Dim(weight)).quotient(dividingBy: 32)
  }

  /// The loops over a range of the first outer axis and all of the others.
  mutating func emitRows(from: Dim, to: Dim) {
    func nest(_ schedule: inout RowSchedule, _ depth: Int) {
      let axis = schedule.outer[depth]
      let start = depth == 0 ? from : 0
      let end = depth == 0 ? to : schedule.group.axes[axis]
      if depth == schedule.outer.count - 1 {
        schedule.emitRows(along: axis, from: start, to: end)
        return
      }
      let body = schedule.block { nest(&$0, depth + 1) }
      schedule.b.append(.loop(Statement.Loop(axis, from: start, to: end, body)))
    }
    nest(&self, 0)
  }

  mutating func emitRow() {
    row = [:]
    kept = [:]
    if shortRow != nil { b.append(.bind(inner[0], 0)) }
    for p in 0..<plan.passCount { emitPass(p) }
    emitRowOutputs()
    for s in stages(.columnReduction) where whole[s]?.lanes == 1 {
      let value = contribution(s)
      combine(whole[s]!, value, group.stages[s].combiner!, mask: nil)
    }
    row = [:]
  }

  /// A column reduction's value for one row.
  private mutating func contribution(_ s: Int) -> Register {
    let stage = group.stages[s]
    return converted(
      scalarProgram(s), to: stage.combiner!.accumulator(stage.dtype))
  }

  func isWithinPass(_ s: Int) -> Bool {
    !Set(group.stages[s].axes + group.stages[s].reduced).isDisjoint(with: inner)
  }

  // MARK: - Rows joined by chunks

  private mutating func chunkedRows(_ columns: [Int]) {
    let chunks = rowChunks
    let first = outer[0]
    for s in columns {
      let stage = group.stages[s]
      let size = stage.axes.reduce(Dim(1)) { $0 * group.axes[$1] }
      partial[s] = addBuffer(
        stage.combiner!.accumulator(stage.dtype), size * Dim(chunks), perWorker: false,
        name: "partial \(stage.name)")
    }
    let lower = newAxis()
    let upper = newAxis()
    let chunk = newAxis()
    chunkAxis = chunk
    let body = block { schedule in
      for s in columns {
        let stage = schedule.group.stages[s]
        let accumulator = stage.combiner!.accumulator(stage.dtype)
        if stage.axes.isEmpty {
          schedule.whole[s] = schedule.b.variable(
            accumulator, lanes: schedule.isWithinPass(s) ? schedule.lanes : 1,
            bits: stage.combiner!.identity(accumulator))
        } else {
          schedule.clearPartial(s)
        }
      }
      let extent = schedule.group.axes[first]
      schedule.emitRows(
        from: (extent * .axis(chunk)).quotient(dividingBy: Dim(chunks)),
        to: (extent * (.axis(chunk) + 1)).quotient(dividingBy: Dim(chunks)))
      for s in columns {
        guard let total = schedule.whole[s] else { continue }
        let value = schedule.reduced(total, schedule.group.stages[s].combiner!)
        schedule.b.append(
          .store(
            value, to: Statement.Access(schedule.partial[s]!, .axis(chunk), stride: 0)))
      }
      schedule.whole = [:]
    }
    let loop = Statement.loop(
      Statement.Loop(chunk, from: .axis(lower), to: .axis(upper), body))
    b.append(
      .parallel(
        Statement.Parallel(lower: lower, upper: upper, count: Dim(chunks), cost: cost, [loop])))
    afterRows(columns)
  }

  /// The flat position of the open point among the axes of a column reduction.
  func columnIndex(_ s: Int) -> Dim {
    group.stages[s].axes.reduce(Dim(0)) { $0 * group.axes[$1] + .axis($1) }
  }

  private mutating func clearPartial(_ s: Int) {
    let stage = group.stages[s]
    let size = stage.axes.reduce(Dim(1)) { $0 * group.axes[$1] }
    let accumulator = stage.combiner!.accumulator(stage.dtype)
    let axis = newAxis()
    let buffer = partial[s]!
    let base = size * .axis(chunkAxis!)
    vectorLoop(axis, from: 0, to: size) { schedule, lanes, offset, active in
      let zero = schedule.b.pure(
        .constant(stage.combiner!.identity(accumulator)), accumulator, lanes: lanes, [])
      schedule.b.append(
        .store(
          zero, to: Statement.Access(buffer, base + .axis(axis) + Dim(offset), active: active)))
    }
  }

  /// Joins the chunks' results in their order, then computes what depends on them.
  private mutating func afterRows(_ columns: [Int]) {
    row = [:]
    hoisted = [:]
    for s in columns where group.stages[s].axes.isEmpty {
      row[s] = combinedPartials(s)
    }
    finishAfter(columns)
  }

  mutating func combinedPartials(_ s: Int) -> Register {
    let stage = group.stages[s]
    let accumulator = stage.combiner!.accumulator(stage.dtype)
    let total = b.variable(accumulator, lanes: 1, bits: stage.combiner!.identity(accumulator))
    let chunk = newAxis()
    let body = block { schedule in
      let part = schedule.b.define(
        accumulator, lanes: 1,
        .load(Statement.Access(schedule.partial[s]!, .axis(chunk), stride: 0)))
      schedule.combine(total, part, stage.combiner!, mask: nil)
    }
    b.append(.loop(Statement.Loop(chunk, to: Dim(rowChunks), body)))
    return converted(total, to: stage.dtype)
  }

  private mutating func finishAfter(_ columns: [Int]) {
    // Single values first: values along columns may depend on them, not the other way round.
    for s in group.stages.indices
    where (roles[s] == .after || roles[s] == .columnReduction) && group.stages[s].axes.isEmpty {
      for write in group.stages[s].writes {
        b.append(
          .store(rowValue(s), to: Statement.Access(write.buffer, write.index, stride: 0)))
      }
    }
    let wide = group.stages.indices.filter {
      (roles[$0] == .after || roles[$0] == .columnReduction) && !group.stages[$0].axes.isEmpty
    }
    // One sweep for each set of axes.
    var bySweep: [[Int]: [Int]] = [:]
    for s in wide { bySweep[group.stages[s].axes.sorted(), default: []].append(s) }
    for axes in bySweep.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let members = bySweep[axes]!
      // Scalars that the sweep needs are computed before it.
      for s in members {
        for case .stage(let i) in group.stages[s].reads where group.stages[i].axes.isEmpty {
          _ = rowValue(i)
        }
      }
      sweep(members)
    }
  }

  private mutating func sweep(_ members: [Int]) {
    let axes = group.stages[members[0]].axes
    func nest(_ schedule: inout RowSchedule, _ depth: Int) {
      guard depth < axes.count - 1 else {
        let v = axes[depth]
        schedule.vectorLoop(v, from: 0, to: schedule.group.axes[v]) {
          schedule, lanes, offset, active in
          schedule.sweepBody(members, v: v, lanes: lanes, offset: offset, active: active)
        }
        return
      }
      let body = schedule.block { nest(&$0, depth + 1) }
      schedule.b.append(
        .loop(Statement.Loop(axes[depth], to: schedule.group.axes[axes[depth]], body)))
    }
    nest(&self, 0)
  }

  private mutating func sweepBody(
    _ members: [Int], v: Int, lanes: Int, offset: Int, active: Dim?
  ) {
    var values: [Int: Register] = [:]
    for s in members {
      let stage = group.stages[s]
      if roles[s] == .columnReduction {
        let size = stage.axes.reduce(Dim(1)) { $0 * group.axes[$1] }
        let position = columnIndex(s).shifted(v, by: offset)
        let accumulator = stage.combiner!.accumulator(stage.dtype)
        var total: Register?
        for c in 0..<rowChunks {
          let part = b.define(
            accumulator, lanes: lanes,
            .load(
              Statement.Access(
                partial[s]!, position + size * Dim(c),
                stride: position.linear(in: v)?.coefficient ?? 1, active: active)))
          guard let sum = total else {
            total = part
            continue
          }
          total = b.pure(stage.combiner!.op!, accumulator, lanes: lanes, [sum, part])
        }
        values[s] = converted(total!, to: stage.dtype)
      } else {
        computeInputs(of: s, &values, v: v, lanes: lanes, offset: offset, active: active)
        values[s] = evaluate(s, v: v, lanes: lanes, offset: offset, active: active, values: values)
      }
      store(s, values[s]!, v: v, offset: offset, active: active)
    }
  }

  /// Values along the columns that do not depend on rows are computed again for what comes after.
  private mutating func computeInputs(
    of s: Int, _ values: inout [Int: Register], v: Int, lanes: Int, offset: Int, active: Dim?
  ) {
    for case .stage(let i) in group.stages[s].reads where roles[i] == .inner && values[i] == nil {
      computeInputs(of: i, &values, v: v, lanes: lanes, offset: offset, active: active)
      values[i] = evaluate(i, v: v, lanes: lanes, offset: offset, active: active, values: values)
    }
  }
}

extension Dim {
  /// Whether it is a multiple whatever its names and axes are.
  func isMultiple(of n: Int) -> Bool { quotient(dividingBy: Dim(n)) * Dim(n) == self }

  /// The expression with the axis moved by a constant.
  func shifted(_ axis: Int, by offset: Int) -> Dim {
    offset == 0 ? self : substituting { $0 == .axis(axis) ? .axis(axis) + Dim(offset) : nil }
  }
}
