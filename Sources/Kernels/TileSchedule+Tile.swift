internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

// One tile: the forms it has at the edges, its accumulators and its steps.
extension TileSchedule {
  /// Where the sums of a tile go.
  enum Destination {
    /// Through the other stages to the results.
    case results
    /// To memory from this element on, added to what the blocks before left there.
    case memory(Int, Dim, blocksBefore: Dim)
  }

  /// The tile, or the part of it that lies within the result.
  struct Part {
    var row: Dim
    var height: Int
    var column: Dim
    var vectors: Int
    /// The lanes of the last vector that are there, nil for all.
    var active: Dim?
    /// Where in the tile it begins.
    var rowOffset = Dim(0)
    var columnOffset = Dim(0)
  }

  /// The full tile where it fits, and narrower and lower ones for what is left at the edges.
  mutating func emitTile(band: Dim, panel: Dim, into destination: Destination) {
    let width = plan.width
    let first = panel * Dim(width)
    func emit(_ schedule: inout TileSchedule, vectors: Int, active: Dim?) {
      schedule.emitRows(band: band, into: destination) { row, height, offset in
        Part(
          row: row, height: height, column: first, vectors: vectors, active: active,
          rowOffset: offset)
      }
    }
    guard let vectorAxis else {
      emit(&self, vectors: 1, active: nil)
      return
    }
    let n = group.axes[vectorAxis]
    let left = n - first
    if let n = n.constant {
      let rest = n % width
      if n >= width {
        let full = block { emit(&$0, vectors: $0.columns, active: nil) }
        append(full, where: rest == 0 ? 0 : left - Dim(width))
      }
      guard rest > 0 else { return }
      let edge = block {
        let active = rest % $0.lanes
        emit(
          &$0, vectors: (rest + $0.lanes - 1) / $0.lanes, active: active == 0 ? nil : Dim(active))
      }
      append(edge, where: n < width ? 0 : Dim(width - 1) - left)
      return
    }
    let full = block { emit(&$0, vectors: $0.columns, active: nil) }
    append(full, where: left - Dim(width))
    let edge = block { schedule in
      let vector = schedule.newAxis()
      let count = left.divided(by: schedule.lanes)
      schedule.loop(vector, to: count) { schedule in
        let offset = Dim.axis(vector) * Dim(schedule.lanes)
        let active = Dim.minimum(left - offset, Dim(schedule.lanes))
        schedule.emitRows(band: band, into: destination) { row, height, rowOffset in
          Part(
            row: row, height: height, column: first + offset, vectors: 1, active: active,
            rowOffset: rowOffset, columnOffset: offset)
        }
      }
    }
    append(edge, where: Dim(width - 1) - left)
  }

  /// How many independent multiply-adds keep two units busy that each take four cycles.
  private static let sumsUnderWay = 8

  private mutating func emitRows(
    band: Dim, into destination: Destination,
    _ part: (_ row: Dim, _ height: Int, _ offset: Dim) -> Part
  ) {
    guard rowAxis != nil, rows > 1 else {
      emitPart(part(band, 1, 0), into: destination)
      return
    }
    let row = firstRow(of: band)
    if let tall = tallBands {
      let isAllTall = bands == Dim(tall)
      if tall > 0 {
        let full = block { $0.emitPart(part(row, $0.rows, 0), into: destination) }
        append(full, where: isAllTall ? 0 : Dim(tall - 1) - band)
      }
      if !isAllTall {
        let low = block { $0.emitPart(part(row, $0.rows - 1, 0), into: destination) }
        append(low, where: tall == 0 ? 0 : band - Dim(tall))
      }
      return
    }
    let left = rowExtent - row
    let full = block { $0.emitPart(part(row, $0.rows, 0), into: destination) }
    append(full, where: left - Dim(rows))
    let low = block { schedule in
      // Few rows of few vectors leave the units waiting for sums that are under way: as many rows at
      // once as keep them busy, then one at a time.
      let piece = min(schedule.rows / 2, (Self.sumsUnderWay - 1) / schedule.columns + 1)
      var done = Dim(0)
      if piece > 1 {
        let count = left.quotient(dividingBy: Dim(piece))
        let axis = schedule.newAxis()
        schedule.loop(axis, to: count) {
          let offset = Dim.axis(axis) * Dim(piece)
          $0.emitPart(part(row + offset, piece, offset), into: destination)
        }
        done = count * Dim(piece)
      }
      let axis = schedule.newAxis()
      schedule.loop(axis, from: done, to: left) {
        $0.emitPart(part(row + .axis(axis), 1, .axis(axis)), into: destination)
      }
    }
    append(low, where: Dim(rows - 1) - left)
  }

  // MARK: - Accumulators

  private mutating func emitPart(_ part: Part, into destination: Destination) {
    let combiner = stage.combiner!
    let dtype =
      combiner.isArgument ? stage.body.resultTypes[0] : combiner.accumulator(stage.dtype)
    if let rowAxis { b.append(.bind(rowAxis, part.row)) }
    if let vectorAxis { b.append(.bind(vectorAxis, part.column)) }
    let totals = accumulators(part, dtype, bits: combiner.identity(dtype))
    let positions =
      combiner.isArgument
      ? accumulators(
        part, positionType, bits: positionType == .int32 ? 0x7FFF_FFFF : UInt64(Int64.max))
      : []
    let (width, lanes) = (plan.width, self.lanes)
    func place(_ memory: Int, _ index: Dim, _ i: Int, _ j: Int) -> Statement.Access {
      let row = (part.rowOffset + Dim(i)) * Dim(width)
      return Statement.Access(memory, index + row + part.columnOffset + Dim(j * lanes))
    }
    if case .memory(let memory, let index, let before) = destination {
      let loads = block { schedule in
        for i in 0..<part.height {
          for j in 0..<part.vectors {
            schedule.b.assign(totals[i][j], .load(place(memory, index, i, j)))
          }
        }
      }
      append(loads, where: before - 1)
    }
    if case .results = destination { prefetchEpilogue(part) }
    emitAllSteps(totals, positions, part)
    switch destination {
    case .results: emitEpilogue(combiner.isArgument ? positions : totals, part)
    case .memory(let memory, let index, _):
      for i in 0..<part.height {
        for j in 0..<part.vectors { b.append(.store(totals[i][j], to: place(memory, index, i, j))) }
      }
    }
  }

  private mutating func accumulators(
    _ part: Part, _ dtype: DType, bits: UInt64
  ) -> [[Register]] {
    var all: [[Register]] = []
    for _ in 0..<part.height {
      var line: [Register] = []
      for _ in 0..<part.vectors { line.append(b.variable(dtype, lanes: lanes, bits: bits)) }
      all.append(line)
    }
    return all
  }

  // MARK: - Steps

  /// The steps from copied vectors; those of the first tile from where they are copied.
  private mutating func emitAllSteps(
    _ totals: [[Register]], _ positions: [[Register]], _ part: Part
  ) {
    guard let (tile, first) = copyingTile else {
      emitSteps { $0.emitStep(totals, positions, part) }
      return
    }
    let copying = block { schedule in
      schedule.copiesPanel = true
      schedule.emitSteps { $0.emitStep(totals, positions, part) }
      schedule.copiesPanel = false
    }
    append(copying, where: first - tile)
    let others = block { schedule in schedule.emitSteps { $0.emitStep(totals, positions, part) } }
    append(others, where: tile - first - 1)
  }

  /// The operands of a tile at the open point of the reduced axes, loaded once for each row or
  /// vector they vary with, and joined to the accumulators.
  private mutating func emitStep(
    _ totals: [[Register]], _ positions: [[Register]], _ part: Part
  ) {
    let combiner = stage.combiner!
    if let guards = commonGuards {
      let inside = block { $0.emitJoin(totals, positions, part, isGuarded: false) }
      b.append(.conditional(guards, inside))
      return
    }
    guard !plan.factors.isEmpty else {
      emitJoin(totals, positions, part, isGuarded: true)
      return
    }
    precondition(combiner == .sum)
    var loads: [[Int]: Register] = [:]
    var known: [[Int]: Register] = [:]
    // Row by row, so that beside the accumulators one row's value and the vectors are live.
    for i in 0..<part.height {
      for j in 0..<part.vectors {
        let x = b.wide(factor(0, i, j, part, loads: &loads, known: &known), lanes)
        let y = b.wide(factor(1, i, j, part, loads: &loads, known: &known), lanes)
        b.assign(totals[i][j], .op(.multiplyAdd, [x, y, totals[i][j]]))
      }
    }
  }

  private mutating func emitJoin(
    _ totals: [[Register]], _ positions: [[Register]], _ part: Part, isGuarded: Bool
  ) {
    let combiner = stage.combiner!
    var loads: [[Int]: Register] = [:]
    for j in 0..<part.vectors {
      for i in 0..<part.height {
        let operands = operandRegisters(
          anchor, i, j, active: j == part.vectors - 1 ? part.active : nil, loads: &loads,
          values: [:], isGuarded: isGuarded)
        let value = b.wide(
          b.evaluate(stage.body, lanes: lanes, operands: operands, index: indexing(i, j)), lanes)
        let total = totals[i][j]
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

  /// The guards that all reads share, where a step at which one fails changes nothing: then the step
  /// is left out, rather than made of what the reads are otherwise.
  private var commonGuards: [Read.Guard]? {
    guard plan.factors.isEmpty || plan.rowFactor == nil, let combiner = stage.combiner,
      !combiner.isArgument
    else { return nil }
    var common: [Read.Guard]?
    var program = stage.body
    for (k, read) in stage.reads.enumerated() {
      guard case .memory(_, _, let guards, let otherwise) = read else { return nil }
      if guards.isEmpty { continue }
      guard common == nil || common == guards else { return nil }
      common = guards
      for n in program.instructions.indices where program.instructions[n].op == .operand(k) {
        program.instructions[n].op = .constant(otherwise)
      }
    }
    guard let common, rows == 1 || !common.contains(where: { $0.axes.contains(rowAxis ?? -1) })
    else { return nil }
    program = program.constantFolded()
    let dtype = combiner.accumulator(stage.dtype)
    let result = program.instructions[program.results[0]]
    guard result.dtype == dtype, result.op == .constant(combiner.identity(dtype)) else {
      return nil
    }
    return common
  }

  /// Positions that are known to be small count in 32 bits, as many to a vector as floats.
  private var positionType: DType {
    let count = stage.reduced.reduce(Dim(1)) { $0 * group.axes[$1] }
    return count.constant.map { $0 < 1 << 31 } == true ? .int32 : .int64
  }

  private mutating func joinArgument(_ best: Register, _ position: Register, _ value: Register) {
    let here = stage.reduced.reduce(Dim(0)) { $0 * group.axes[$1] + .axis($1) }
    var number = b.define(.int64, lanes: 1, .index(here, step: 0))
    if position.dtype != .int64 {
      number = b.define(position.dtype, lanes: 1, .op(.convert, [number]))
    }
    let place = b.widened(number, to: lanes)
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

  // MARK: - Operands

  /// A factor at row `i` and vector `j`, from where it was copied to or computed here.
  private mutating func factor(
    _ f: Int, _ i: Int, _ j: Int, _ part: Part, loads: inout [[Int]: Register],
    known: inout [[Int]: Register]
  ) -> Register {
    let axes = plan.factors[f].axes
    let key = [
      f, rowAxis.map { axes.contains($0) } == true ? i : -1,
      vectorAxis.map { axes.contains($0) } == true ? j : -1,
    ]
    if let r = known[key] { return r }
    let value: Register
    if f == plan.columnFactor, let panelMemory {
      let offset =
        panelPlace + step * Dim(plan.width) + part.columnOffset + Dim(j * lanes)
      if copiesPanel {
        let active = j == part.vectors - 1 ? part.active : nil
        value = b.wide(computedFactor(f, i, j, active: active, loads: &loads), lanes)
        b.append(.store(value, to: Statement.Access(panelMemory, offset)))
      } else {
        value = b.define(
          buffers[panelMemory].dtype, lanes: lanes, .load(Statement.Access(panelMemory, offset)))
      }
    } else if f == plan.rowFactor, let rowMemory {
      value = b.define(
        buffers[rowMemory].dtype, lanes: 1,
        .load(Statement.Access(rowMemory, placeInRows(part.rowOffset + Dim(i)), stride: 0)))
    } else {
      value = computedFactor(
        f, i, j, active: j == part.vectors - 1 ? part.active : nil, loads: &loads)
    }
    known[key] = value
    return value
  }

  /// A factor from its reads.
  mutating func computedFactor(
    _ f: Int, _ i: Int, _ j: Int, active: Dim?, loads: inout [[Int]: Register]
  ) -> Register {
    let factor = plan.factors[f]
    let operands = operandRegisters(
      anchor, i, j, active: active, loads: &loads, values: [:], only: factor.reads)
    return b.evaluate(factor.program, lanes: lanes, operands: operands, index: indexing(i, j))
  }

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

  /// The reads of stage `s` at row `i` and vector `j`; of the others than `only` there is no value.
  mutating func operandRegisters(
    _ s: Int, _ i: Int, _ j: Int, active: Dim?, loads: inout [[Int]: Register],
    values: [Int: Register], only: [Int]? = nil, isGuarded: Bool = true
  ) -> [Register] {
    var operands: [Register] = []
    for (k, read) in group.stages[s].reads.enumerated() {
      if let only, !only.contains(k) {
        operands.append(Register(-1, .bool, lanes: 1))
        continue
      }
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
        let row = rowAxis.map { r in { (d: Dim) in d.shifted(r, by: i) } } ?? { $0 }
        let loaded = b.load(
          buffers[buffer].dtype, buffer, row(index),
          guards: isGuarded ? guards.map { $0.mapped(row) } : [],
          otherwise: isGuarded ? otherwise : 0, reads: operands, v: vectorAxis ?? -1, lanes: lanes,
          offset: j * lanes, active: key[3] < 0 ? nil : active)
        loads[key] = loaded
        operands.append(loaded)
      }
    }
    return operands
  }
}
