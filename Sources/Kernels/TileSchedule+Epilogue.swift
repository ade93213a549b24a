internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

// What follows on the sums of a tile: the group's other stages, and the results.
extension TileSchedule {
  /// The statements that one vector of a finished tile takes.
  private var epilogueSize: Int {
    group.stages.reduce(0) { $0 + $1.body.instructions.count + $1.writes.count }
  }

  /// Unrolled epilogues of up to this many statements stay in registers.
  private static let epilogueLimit = 96

  /// Stages of up to this many statements have few constants.
  private static let shortEpilogue = 12

  /// Steps that take as long as memory does.
  private static let stepsPerFetch = 64

  /// Asks for what the other stages read of memory at each element of the tile: it arrives during the
  /// steps.
  mutating func prefetchEpilogue(_ part: Part) {
    guard let rowAxis, let vectorAxis, blockSteps.estimate >= Self.stepsPerFetch else { return }
    var places: [(buffer: Int, index: Dim)] = []
    for (s, stage) in group.stages.enumerated() where s != anchor {
      for case .memory(let buffer, let index, let guards, _) in stage.reads
      where guards.isEmpty && index.loadedReads.isEmpty && index.axes.contains(rowAxis) {
        let along = index.linear(in: vectorAxis)?.coefficient
        for i in 0..<part.height {
          for j in 0..<(along == 1 ? part.vectors : 1) {
            places.append((buffer, moved(index, i, j)))
          }
        }
      }
    }
    guard places.count <= blockSteps.estimate else { return }
    for place in places { b.append(.prefetch(buffer: place.buffer, place.index)) }
  }

  /// Where the other stages are much code for a tile, the tile goes through memory and a loop runs
  /// over its vectors: the time of a few loads, against half of the compile time.
  mutating func emitEpilogue(_ totals: [[Register]], _ part: Part) {
    guard part.height * part.vectors > 1,
      part.height * part.vectors * epilogueSize > Self.epilogueLimit
    else {
      finish(totals, height: part.height, vectors: part.vectors, active: part.active)
      return
    }
    let dtype = totals[0][0].dtype
    let memory = tileMemory ?? temporary(dtype, Dim(rows * plan.width), "tile")
    tileMemory = memory
    for i in 0..<part.height {
      for j in 0..<part.vectors {
        b.append(
          .store(totals[i][j], to: Statement.Access(memory, Dim(i * plan.width + j * lanes))))
      }
    }
    let whole = part.active == nil ? part.vectors : part.vectors - 1
    emitFinish(
      row: part.row, height: Dim(part.height), column: part.column, vectors: Dim(whole),
      active: part.active
    ) { schedule, offset in
      schedule.b.define(
        dtype, lanes: schedule.lanes, .load(Statement.Access(memory, offset)))
    }
  }

  /// The stages on a tile whose sums `load` gives by their place in the tile.
  mutating func emitFinish(
    band: Dim, panel: Dim, load: @escaping (inout TileSchedule, Dim) -> Register
  ) {
    let row = firstRow(of: band)
    let first = panel * Dim(plan.width)
    let left = Dim.minimum(vectorExtent - first, Dim(plan.width))
    let whole = left.quotient(dividingBy: Dim(lanes))
    let isWhole = vectorExtent.constant.map { $0 % lanes == 0 } == true
    emitFinish(
      row: row, height: height(of: band), column: first, vectors: whole,
      active: isWhole ? nil : left - whole * Dim(lanes), load: load)
  }

  /// The stages on `height` rows from `row` on, each of so many whole vectors and one of which `active`
  /// lanes are there.
  mutating func emitFinish(
    row: Dim, height: Dim, column: Dim, vectors: Dim, active: Dim?,
    load: @escaping (inout TileSchedule, Dim) -> Register
  ) {
    let i = newAxis()
    func emitRow(_ schedule: inout TileSchedule, _ base: Dim) {
      guard let vectorAxis = schedule.vectorAxis else {
        schedule.finish([[load(&schedule, base)]], height: 1, vectors: 1, active: nil)
        return
      }
      let j = schedule.newAxis()
      schedule.loop(j, to: vectors) { schedule in
        let offset = Dim.axis(j) * Dim(schedule.lanes)
        schedule.b.append(.bind(vectorAxis, column + offset))
        schedule.finish([[load(&schedule, base + offset)]], height: 1, vectors: 1, active: nil)
      }
      guard let active else { return }
      let edge = schedule.block { schedule in
        let offset = vectors * Dim(schedule.lanes)
        schedule.b.append(.bind(vectorAxis, column + offset))
        schedule.finish([[load(&schedule, base + offset)]], height: 1, vectors: 1, active: active)
      }
      // In a block of its own, as the axis is bound there.
      schedule.b.append(.conditional([.nonNegative(active - 1)], edge))
    }
    // The constants of long stages would take the registers that a tile's sums need.
    let isApart = epilogueSize > Self.shortEpilogue
    if isApart { b.openApart() } else { b.open() }
    if let rowAxis { b.append(.bind(rowAxis, row + .axis(i))) }
    emitRow(&self, .axis(i) * Dim(plan.width))
    let body = isApart ? b.closeApart() : b.close()
    b.append(.loop(Statement.Loop(i, to: height, isApart: isApart, body)))
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
          for write in stage.writes { store(values[s]!, write, i, j, active: mask) }
        }
      }
    }
  }

  private mutating func store(
    _ value: Register, _ write: (buffer: Int, index: Dim), _ i: Int, _ j: Int, active: Dim?
  ) {
    let varies = vectorAxis.map { write.index.axes.contains($0) } ?? false
    // A value that does not vary along the vectors is stored by the first of them.
    if !varies && lanes > 1 && j > 0 { return }
    let stored = varies || lanes == 1 ? b.wide(value, lanes) : value
    b.append(
      .store(
        stored,
        to: Statement.Access(
          write.buffer, moved(write.index, i, j), stride: stride(of: write.index),
          active: varies ? active : nil)))
  }
}
