internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// The nest of a reduction whose operands are each reused along another axis of the result: matrix
/// products, convolutions, pooling.
///
/// A tile of the result stays in registers while the reduced axes run: `rows` points along one axis
/// times `columns` vectors along another. The group's other stages are computed on the finished tile.
struct TileSchedule {
  let group: FusionGroup
  let anchor: Int
  let machine: Machine
  /// The axis that vectors run along, the axis of the tile's rows, and the result's other axes.
  let vectorAxis: Int?
  let rowAxis: Int?
  let others: [Int]
  let lanes: Int
  let rows: Int
  let columns: Int
  var b = NestBuilder()
  var nextAxis: Int
  var buffers: [Kernel.Buffer]
  /// The read of the anchor that is copied, a panel of columns at a time, to contiguous memory of
  /// each worker, and that memory.
  private(set) var packed: (read: Int, buffer: Int)?
  private var tileMemory: Int?
  /// Where in the panel the open tile's columns begin.
  private var panelOffset = Dim(0)

  init(_ group: FusionGroup, anchor: Int, machine: Machine) {
    self.group = group
    self.anchor = anchor
    self.machine = machine
    buffers = group.buffers
    nextAxis = group.axes.count
    let stage = group.stages[anchor]

    // Vectors run along the axis that memory does: contiguous in the result and in the operands
    // that vary along it.
    func score(_ axis: Int) -> Int {
      guard group.lanes(along: axis) > 1 else { return -100 }
      var total = 0
      for case .memory(_, let index, _, _) in stage.reads {
        switch index.linear(in: axis)?.coefficient {
        case .some(1): total += 3
        case .some(0): break
        default: total -= 6
        }
      }
      for s in group.stages {
        for (_, index) in s.writes {
          total += index.linear(in: axis)?.coefficient == 1 ? 2 : -1
        }
      }
      if let n = group.axes[axis].constant, n < 4 { total -= 4 }
      return total
    }
    let best = stage.axes.max { score($0) < score($1) }
    let vector = best.flatMap { score($0) > -100 ? $0 : nil }
    vectorAxis = vector
    lanes = vector.map { group.lanes(along: $0) } ?? 1

    // Rows of the tile share the vectors that are loaded: an axis some operand does not have.
    func reuse(_ axis: Int) -> Int {
      var total = 0
      for case .memory(_, let index, let guards, _) in stage.reads {
        if !index.axes.contains(axis) {
          total += vector.map { index.axes.contains($0) } == true ? 4 : 1
        }
        if guards.contains(where: { $0.axes.contains(axis) }) { total -= 1 }
      }
      let n = group.axes[axis].constant ?? 64
      return n == 1 ? -1 : total * 16 + min(n, 15)
    }
    let candidates = stage.axes.filter { $0 != vector }
    let row = candidates.max { reuse($0) < reuse($1) }
    let tileRow = vector == nil ? nil : row
    rowAxis = tileRow
    others = stage.axes.filter { $0 != vector && $0 != tileRow }

    // As many accumulators as the registers hold beside a column of vectors and a broadcast.
    let vectorCount = max(1, lanes * stage.dtype.computeType.byteCount / machine.vectorBytes)
    let registers = machine.vectorRegisters / vectorCount
    var width = registers >= 32 ? 4 : registers >= 16 ? 2 : 1
    if let v = vector, let n = group.axes[v].constant {
      width = min(width, max(1, (n + lanes - 1) / lanes))
    }
    var height = vector == nil || tileRow == nil ? 1 : max(1, (registers - width - 2) / width)
    height = min(height, width >= 4 ? 6 : width >= 2 ? (registers >= 32 ? 12 : 6) : 12)
    if let r = tileRow, let n = group.axes[r].constant { height = min(height, max(1, n)) }
    rows = height
    columns = vector == nil ? 1 : width
    if let read = readToPack() {
      let count = stage.reduced.reduce(Dim(columns * lanes)) { $0 * group.axes[$1] }
      guard case .memory(let source, _, _, _) = stage.reads[read] else { return }
      buffers.append(
        Kernel.Buffer(
          buffers[source].dtype, .temporary(elements: count, perWorker: true), name: "panel"))
      packed = (read, buffers.count - 1)
    }
  }

  /// The anchor's read whose vectors are worth copying: they do not lie together, or lie so far apart
  /// from one step to the next that they push each other out of the cache. A panel must serve several
  /// bands of rows to pay.
  private func readToPack() -> Int? {
    guard let v = vectorAxis, let r = rowAxis, lanes > 1 else { return nil }
    if let m = group.axes[r].constant, m < 4 * rows { return nil }
    let stage = group.stages[anchor]
    let panel = stage.reduced.reduce(Dim(columns * lanes * stage.dtype.byteCount)) {
      $0 * group.axes[$1]
    }
    if let bytes = panel.constant, bytes > machine.secondCacheBytes / 2 { return nil }
    for (k, read) in stage.reads.enumerated() {
      guard case .memory(_, let index, let guards, _) = read, guards.isEmpty,
        index.loadedReads.isEmpty, index.axes.contains(v), !index.axes.contains(r)
      else { continue }
      if index.linear(in: v)?.coefficient != 1 { return k }
      // From 512 elements on, steps fall into few sets of the first cache.
      let far = stage.reduced.contains { axis in
        guard let step = index.linear(in: axis)?.coefficient else { return false }
        return (step.constant ?? 0) >= 512 && (group.axes[axis].constant ?? 64) >= 64
      }
      if far { return k }
    }
    return nil
  }

  mutating func newAxis() -> Int {
    nextAxis += 1
    return nextAxis - 1
  }

  mutating func block(_ body: (inout TileSchedule) -> Void) -> [Statement] {
    b.open()
    body(&self)
    return b.close()
  }

  // MARK: - Loops over tiles

  /// One parallel loop over all tiles: first the other axes, then panels of columns, then rows, so
  /// that a panel of the vector operand stays in cache while the rows pass by.
  mutating func statements() -> [Statement] {
    let width = columns * lanes
    let n = vectorAxis.map { group.axes[$0] } ?? 1
    let m = rowAxis.map { group.axes[$0] } ?? 1
    let panels = (n + Dim(width - 1)).quotient(dividingBy: Dim(width))
    let bands = (m + Dim(rows - 1)).quotient(dividingBy: Dim(rows))
    let rest = others.reduce(Dim(1)) { $0 * group.axes[$1] }
    let lower = newAxis()
    let upper = newAxis()
    let tile = newAxis()
    let body = block { schedule in
      schedule.bindPosition(tile, panels: panels, bands: bands, width: width) {
        schedule, band, panel in
        if schedule.packed != nil {
          schedule.emitPacking(band: band, panel: panel, n: n, isFirst: .axis(lower) - .axis(tile))
        }
        schedule.emitTiles(band: band, panel: panel, m: m, n: n)
      }
    }
    let loop = Statement.loop(Statement.Loop(tile, from: .axis(lower), to: .axis(upper), body))
    return [
      .parallel(
        Statement.Parallel(
          lower: lower, upper: upper, count: rest * panels * bands, cost: cost, [loop]))
    ]
  }

  /// About 64 multiply-adds in a nanosecond for vectors, one for scalars.
  private var cost: Dim {
    let stage = group.stages[anchor]
    let points = (stage.axes + stage.reduced).reduce(Dim(1)) { $0 * group.axes[$1] }
    return points.quotient(dividingBy: Dim(lanes == 1 ? 1 : 64))
  }

  /// Takes the number of a tile apart into the positions along each axis.
  private mutating func bindPosition(
    _ tile: Int, panels: Dim, bands: Dim, width: Int,
    _ body: (inout TileSchedule, _ band: Dim, _ panel: Dim) -> Void
  ) {
    var left = Dim.axis(tile)
    func take(_ schedule: inout TileSchedule, _ extent: Dim, as axis: Int) {
      if extent == 1 { return }
      let quotient = schedule.newAxis()
      schedule.b.append(.bind(quotient, left.quotient(dividingBy: extent)))
      schedule.b.append(.bind(axis, left - .axis(quotient) * extent))
      left = .axis(quotient)
    }
    let band = newAxis()
    let panel = newAxis()
    take(&self, bands, as: band)
    take(&self, panels, as: panel)
    for axis in others.reversed() { take(&self, group.axes[axis], as: axis) }
    body(&self, bands == 1 ? 0 : .axis(band), panels == 1 ? 0 : .axis(panel))
  }

  /// Copies the panel when the first band of rows begins, or where this worker's share begins.
  private mutating func emitPacking(band: Dim, panel: Dim, n: Dim, isFirst: Dim) {
    let copy = block { $0.emitPanel(panel: panel, n: n) }
    b.append(.conditional([.nonNegative(-band)], copy))
    b.append(.conditional([.nonNegative(isFirst), .nonNegative(band - 1)], copy))
  }

  private mutating func emitPanel(panel: Dim, n: Dim) {
    guard let (read, buffer) = packed, let v = vectorAxis,
      case .memory(let source, let index, _, _) = group.stages[anchor].reads[read]
    else { return }
    let width = columns * lanes
    let isWhole = n.constant.map { $0 % width == 0 } ?? false
    let reduced = group.stages[anchor].reduced
    let dtype = buffers[source].dtype
    for j in 0..<columns {
      let column = panel * Dim(width) + Dim(j * lanes)
      func nest(_ schedule: inout TileSchedule, _ depth: Int) {
        guard depth < reduced.count else {
          let x = schedule.b.define(
            dtype, lanes: schedule.lanes,
            .load(
              Statement.Access(
                source, index, stride: index.linear(in: v)?.coefficient ?? 0,
                active: isWhole ? nil : Dim.minimum(n - .axis(v), Dim(schedule.lanes)))))
          schedule.b.append(
            .store(
              x,
              to: Statement.Access(buffer, schedule.step * Dim(width) + Dim(j * schedule.lanes))))
          return
        }
        let axis = reduced[depth]
        let inner = schedule.block { nest(&$0, depth + 1) }
        schedule.b.append(.loop(Statement.Loop(axis, to: schedule.group.axes[axis], inner)))
      }
      let copy = block { schedule in
        schedule.b.append(.bind(v, column))
        nest(&schedule, 0)
      }
      if isWhole {
        // The axis is bound within a block of its own.
        b.append(.conditional([.nonNegative(column)], copy))
      } else {
        b.append(.conditional([.nonNegative(n - column - 1)], copy))
      }
    }
  }

  /// The number of the open step among the reduced axes.
  private var step: Dim {
    group.stages[anchor].reduced.reduce(Dim(0)) { $0 * group.axes[$1] + .axis($1) }
  }

  /// The full tile where it fits, and narrower and lower ones for what is left at the edges.
  private mutating func emitTiles(band: Dim, panel: Dim, m: Dim, n: Dim) {
    let width = columns * lanes
    // How the columns of a panel are covered: whole vectors, then singly with a mask.
    let leftColumns = n - panel * Dim(width)
    if vectorAxis == nil {
      emitRows(band: band, m: m, column: 0, vectors: 1, active: nil)
      return
    }
    let first = panel * Dim(width)
    let wholePanels = n.constant.map { $0 % width == 0 } ?? false
    let hasFull = n.constant.map { $0 >= width } ?? true
    if hasFull {
      let full = block {
        $0.emitRows(band: band, m: m, column: first, vectors: $0.columns, active: nil)
      }
      if wholePanels {
        full.forEach { b.append($0) }
        return
      }
      append(full, where: leftColumns - Dim(width))
    }
    let narrow = block { schedule in
      if let size = n.constant {
        let rest = size % width
        let vectors = (rest + schedule.lanes - 1) / schedule.lanes
        let tail = rest % schedule.lanes
        schedule.emitRows(
          band: band, m: m, column: first, vectors: vectors, active: tail == 0 ? nil : Dim(tail))
      } else {
        // An unknown number of columns is left: one vector at a time.
        let axis = schedule.newAxis()
        let inner = schedule.block { schedule in
          let column = first + .axis(axis) * Dim(schedule.lanes)
          schedule.panelOffset = .axis(axis) * Dim(schedule.lanes)
          defer { schedule.panelOffset = 0 }
          schedule.emitRows(
            band: band, m: m, column: column, vectors: 1,
            active: Dim.minimum(n - column, Dim(schedule.lanes)))
        }
        schedule.b.append(
          .loop(
            Statement.Loop(
              axis,
              to: (leftColumns + Dim(schedule.lanes - 1)).quotient(dividingBy: Dim(schedule.lanes)),
              inner)))
      }
    }
    append(narrow, where: Dim(width - 1) - leftColumns)
  }

  /// The statements under a condition, or as they are where it always holds.
  private mutating func append(_ statements: [Statement], where d: Dim) {
    if let known = d.constant {
      if known >= 0 { statements.forEach { b.append($0) } }
    } else {
      b.append(.conditional([.nonNegative(d)], statements))
    }
  }

  private mutating func emitRows(band: Dim, m: Dim, column: Dim, vectors: Int, active: Dim?) {
    guard rowAxis != nil, rows > 1 else {
      emitTile(row: band, height: 1, column: column, vectors: vectors, active: active)
      return
    }
    let first = band * Dim(rows)
    let left = m - first
    let hasFull = m.constant.map { $0 >= rows } ?? true
    let isWhole = m.constant.map { $0 % rows == 0 } ?? false
    if hasFull {
      let full = block {
        $0.emitTile(row: first, height: $0.rows, column: column, vectors: vectors, active: active)
      }
      if isWhole {
        full.forEach { b.append($0) }
        return
      }
      append(full, where: left - Dim(rows))
    }
    let low = block { schedule in
      if let size = m.constant {
        schedule.emitTile(
          row: first, height: size % schedule.rows, column: column, vectors: vectors,
          active: active)
      } else {
        let axis = schedule.newAxis()
        let inner = schedule.block {
          $0.emitTile(
            row: first + .axis(axis), height: 1, column: column, vectors: vectors, active: active)
        }
        schedule.b.append(.loop(Statement.Loop(axis, to: left, inner)))
      }
    }
    append(low, where: Dim(rows - 1) - left)
  }

  // MARK: - One tile

  /// `height` rows by `vectors` vectors; the last vector has only `active` lanes.
  private mutating func emitTile(
    row: Dim, height: Int, column: Dim, vectors: Int, active: Dim?
  ) {
    let stage = group.stages[anchor]
    let combiner = stage.combiner!
    let body = stage.body
    let dtype = combiner.isArgument ? body.resultTypes[0] : combiner.accumulator(stage.dtype)
    if let rowAxis { b.append(.bind(rowAxis, row)) }
    if let vectorAxis { b.append(.bind(vectorAxis, column)) }

    var totals: [[Register]] = []
    var positions: [[Register]] = []
    for _ in 0..<height {
      totals.append(
        (0..<vectors).map { _ in
          b.variable(dtype, lanes: lanes, bits: combiner.identity(dtype))
        })
      if combiner.isArgument {
        positions.append(
          (0..<vectors).map { _ in
            b.variable(.int64, lanes: lanes, bits: UInt64(Int64.max))
          })
      }
    }
    func nest(_ schedule: inout TileSchedule, _ depth: Int) {
      guard depth < stage.reduced.count else {
        schedule.emitStep(totals, positions, height: height, vectors: vectors, active: active)
        return
      }
      let axis = stage.reduced[depth]
      let inner = schedule.block { nest(&$0, depth + 1) }
      schedule.b.append(.loop(Statement.Loop(axis, to: schedule.group.axes[axis], inner)))
    }
    nest(&self, 0)
    emitEpilogue(
      combiner.isArgument ? positions : totals, row: row, column: column, height: height,
      vectors: vectors, active: active)
  }

  /// The operands of a tile at the open point of the reduced axes, loaded once for each row or
  /// vector they vary with, and joined to the accumulators.
  private mutating func emitStep(
    _ totals: [[Register]], _ positions: [[Register]], height: Int, vectors: Int, active: Dim?
  ) {
    let stage = group.stages[anchor]
    let combiner = stage.combiner!
    let factors =
      combiner == .sum ? stage.body.factors(combiner.accumulator(stage.dtype)) : nil
    var loads: [[Int]: Register] = [:]
    for j in 0..<vectors {
      for i in 0..<height {
        let operands = operandRegisters(
          anchor, i, j, active: j == vectors - 1 ? active : nil, loads: &loads, values: [:])
        let index = indexing(i, j)
        let total = totals[i][j]
        if let factors {
          let pair = b.evaluateAll(factors, lanes: lanes, operands: operands, index: index)
          b.assign(
            total, .op(.multiplyAdd, [b.wide(pair[0], lanes), b.wide(pair[1], lanes), total]))
          continue
        }
        let value = b.wide(
          b.evaluate(stage.body, lanes: lanes, operands: operands, index: index), lanes)
        if combiner.isArgument {
          joinArgument(total, positions[i][j], value)
        } else {
          let wide =
            value.dtype == total.dtype
            ? value : b.define(total.dtype, lanes: lanes, .op(.convert, [value]))
          b.assign(total, .op(combiner.op!, [total, wide]))
        }
      }
    }
  }

  private mutating func joinArgument(_ best: Register, _ position: Register, _ value: Register) {
    let stage = group.stages[anchor]
    let here = stage.reduced.reduce(Dim(0)) { $0 * group.axes[$1] + .axis($1) }
    let place = b.widened(b.define(.int64, lanes: 1, .index(here, step: 0)), to: lanes)
    let isLarger = stage.combiner == .argumentMaximum
    // Steps run in ascending order, so an equal value never replaces the first one; the very first
    // step always does.
    var better = b.op(.less, .bool, isLarger ? best : value, isLarger ? value : best)
    let tie = b.op(
      .and, .bool, b.op(.equal, .bool, value, best), b.op(.less, .bool, place, position))
    better = b.op(.or, .bool, better, tie)
    if value.dtype.isFloat {
      let isNaN = b.op(.notEqual, .bool, value, value)
      let wasNumber = b.op(.equal, .bool, best, best)
      better = b.op(.or, .bool, better, b.op(.and, .bool, isNaN, wasNumber))
    }
    b.assign(best, .op(.select, [better, value, best]))
    b.assign(position, .op(.select, [better, place, position]))
  }

  /// The statements that one vector of a finished tile takes.
  private var epilogueSize: Int {
    group.stages.reduce(0) { $0 + $1.body.instructions.count + $1.writes.count }
  }

  /// What follows on a finished tile. Where that is much code for a tile, the tile goes through memory
  /// and a loop runs over its vectors: the time of a few loads, against half of the compile time.
  private mutating func emitEpilogue(
    _ totals: [[Register]], row: Dim, column: Dim, height: Int, vectors: Int, active: Dim?
  ) {
    guard let rowAxis, let vectorAxis, height * vectors > 1,
      height * vectors * epilogueSize > Self.epilogueLimit
    else {
      finish(totals, height: height, vectors: vectors, active: active)
      return
    }
    let width = columns * lanes
    let dtype = totals[0][0].dtype
    let buffer = tileBuffer(dtype)
    for i in 0..<height {
      for j in 0..<vectors {
        b.append(
          .store(totals[i][j], to: Statement.Access(buffer, Dim(i * width + j * lanes))))
      }
    }
    let i = newAxis()
    let body = block { schedule in
      schedule.b.append(.bind(rowAxis, row + .axis(i)))
      let base = Dim.axis(i) * Dim(width)
      func load(_ schedule: inout TileSchedule, _ offset: Dim) -> Register {
        schedule.b.define(
          dtype, lanes: schedule.lanes, .load(Statement.Access(buffer, base + offset)))
      }
      if active == nil {
        let j = schedule.newAxis()
        let inner = schedule.block { schedule in
          let offset = Dim.axis(j) * Dim(schedule.lanes)
          schedule.b.append(.bind(vectorAxis, column + offset))
          schedule.finish([[load(&schedule, offset)]], height: 1, vectors: 1, active: nil)
        }
        schedule.b.append(.loop(Statement.Loop(j, to: Dim(vectors), inner)))
      } else {
        let line = (0..<vectors).map { load(&schedule, Dim($0 * schedule.lanes)) }
        schedule.finish([line], height: 1, vectors: vectors, active: active)
      }
    }
    b.append(.loop(Statement.Loop(i, to: Dim(height), body)))
  }

  /// Unrolled epilogues of up to this many statements stay in registers.
  private static let epilogueLimit = 96

  /// Memory of each worker for a finished tile.
  private mutating func tileBuffer(_ dtype: DType) -> Int {
    if let tileMemory { return tileMemory }
    buffers.append(
      Kernel.Buffer(
        dtype, .temporary(elements: Dim(rows * columns * lanes), perWorker: true), name: "tile"))
    tileMemory = buffers.count - 1
    return buffers.count - 1
  }

  private mutating func finish(
    _ totals: [[Register]], height: Int, vectors: Int, active: Dim?
  ) {
    var loads: [[Int]: Register] = [:]
    for i in 0..<height {
      for j in 0..<vectors {
        let mask = j == vectors - 1 ? active : nil
        var values: [Int: Register] = [:]
        for (s, stage) in group.stages.enumerated() {
          if s == anchor {
            let total = totals[i][j]
            values[s] =
              total.dtype == stage.dtype
              ? total : b.define(stage.dtype, lanes: lanes, .op(.convert, [total]))
          } else {
            let operands = operandRegisters(
              s, i, j, active: mask, loads: &loads, values: values)
            values[s] = b.evaluate(
              stage.body, lanes: lanes, operands: operands, index: indexing(i, j))
          }
        }
        for (s, stage) in group.stages.enumerated() {
          for write in stage.writes {
            let varies = vectorAxis.map { write.index.axes.contains($0) } ?? false
            // A value that does not vary along the vectors is stored by the first of them.
            if !varies && lanes > 1 && j > 0 { continue }
            let value = varies || lanes == 1 ? b.wide(values[s]!, lanes) : values[s]!
            b.append(
              .store(
                value,
                to: Statement.Access(
                  write.buffer, moved(write.index, i, j), stride: stride(of: write.index),
                  active: varies ? mask : nil)))
          }
        }
      }
    }
  }

  // MARK: - Operands

  private func stride(of index: Dim) -> Dim {
    lanes == 1 ? 0 : vectorAxis.flatMap { index.linear(in: $0)?.coefficient } ?? 0
  }

  /// The index at row `i` and vector `j` of the tile.
  private func moved(_ index: Dim, _ i: Int, _ j: Int) -> Dim {
    var index = index
    if let rowAxis { index = index.shifted(rowAxis, by: i) }
    if let vectorAxis { index = index.shifted(vectorAxis, by: j * lanes) }
    return index
  }

  private func indexing(_ i: Int, _ j: Int) -> (Dim) -> (Dim, step: Dim) {
    { d in (self.moved(d, i, j), step: self.stride(of: d)) }
  }

  private mutating func operandRegisters(
    _ s: Int, _ i: Int, _ j: Int, active: Dim?, loads: inout [[Int]: Register],
    values: [Int: Register]
  ) -> [Register] {
    var operands: [Register] = []
    for (k, read) in group.stages[s].reads.enumerated() {
      switch read {
      case .stage(let t): operands.append(values[t]!)
      case .memory(let buffer, let index, let guards, let otherwise):
        var axes = guards.reduce(index.axes) { $0.union($1.axes) }
        for r in index.loadedReads {
          guard case .memory(_, let inner, _, _) = group.stages[s].reads[r] else { continue }
          axes.formUnion(inner.axes)
        }
        let key = [
          s, k, rowAxis.map { axes.contains($0) } == true ? i : -1,
          vectorAxis.map { axes.contains($0) } == true ? j : -1,
        ]
        if let known = loads[key] {
          operands.append(known)
          continue
        }
        if s == anchor, let (read, buffer) = packed, read == k {
          let loaded = b.define(
            buffers[buffer].dtype, lanes: lanes,
            .load(
              Statement.Access(
                buffer, step * Dim(columns * lanes) + panelOffset + Dim(j * lanes))))
          loads[key] = loaded
          operands.append(loaded)
          continue
        }
        let row = rowAxis.map { r in { (d: Dim) in d.shifted(r, by: i) } } ?? { $0 }
        let loaded = b.load(
          buffers[buffer].dtype, buffer, row(index), guards: guards.map { $0.mapped(row) },
          otherwise: otherwise, reads: operands, v: vectorAxis ?? -1, lanes: lanes,
          offset: j * lanes, active: key[3] < 0 ? nil : active)
        loads[key] = loaded
        operands.append(loaded)
      }
    }
    return operands
  }
}
