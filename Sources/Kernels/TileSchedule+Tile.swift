internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

// One tile: its steps, its epilogue, and what both load.
extension TileSchedule {
  /// `height` rows by `vectors` vectors; the last vector has only `active` lanes.
  mutating func emitTile(
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
  mutating func emitStep(
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

  mutating func joinArgument(_ best: Register, _ position: Register, _ value: Register) {
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
  var epilogueSize: Int {
    group.stages.reduce(0) { $0 + $1.body.instructions.count + $1.writes.count }
  }

  /// What follows on a finished tile. Where that is much code for a tile, the tile goes through memory
  /// and a loop runs over its vectors: the time of a few loads, against half of the compile time.
  mutating func emitEpilogue(
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
  mutating func tileBuffer(_ dtype: DType) -> Int {
    if let tileMemory { return tileMemory }
    buffers.append(
      Kernel.Buffer(
        dtype, .temporary(elements: Dim(rows * columns * lanes), perWorker: true), name: "tile"))
    tileMemory = buffers.count - 1
    return buffers.count - 1
  }

  mutating func finish(
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

  func stride(of index: Dim) -> Dim {
    lanes == 1 ? 0 : vectorAxis.flatMap { index.linear(in: $0)?.coefficient } ?? 0
  }

  /// The index at row `i` and vector `j` of the tile.
  func moved(_ index: Dim, _ i: Int, _ j: Int) -> Dim {
    var index = index
    if let rowAxis { index = index.shifted(rowAxis, by: i) }
    if let vectorAxis { index = index.shifted(vectorAxis, by: j * lanes) }
    return index
  }

  func indexing(_ i: Int, _ j: Int) -> (Dim) -> (Dim, step: Dim) {
    { d in (self.moved(d, i, j), step: self.stride(of: d)) }
  }

  mutating func operandRegisters(
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
