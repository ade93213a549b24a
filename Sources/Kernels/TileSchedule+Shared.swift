internal import GnomonIR
internal import GnomonTensors

// Products whose rows are copied: every panel is copied once, for all workers, and passes by blocks of
// rows, so that no row is copied for each panel again. Where the reduction is cut into blocks, all panels
// pass by a block of rows with the steps of one after the other.
//
//     parallel over all panels           contiguous shares
//       copy the panel's vectors         where they do not lie together
//     parallel over all tiles of a panel contiguous shares
//       for each block of rows in the share
//         copy the rows                  to the second cache
//         for each panel
//           for each tile of the block of rows
//             for each step: accumulators += rows × vectors
//             the other stages, and the results
extension TileSchedule {
  /// What workers share out: the tiles of a panel, or the panels.
  private var lines: Dim { plan.runsOfPanels ? panels : tilesPerPanel }

  /// How many of them are a run.
  var runLength: Int {
    guard let n = lines.constant, n > 0 else { return plan.run }
    let runs = (n + plan.run - 1) / plan.run
    return (n + runs - 1) / runs
  }

  mutating func sharedStatements() -> [Statement] {
    let copies = panelMemory == nil || plan.blocks != nil ? [] : [copiedPanels()]
    return copies + [tilesOfRows()]
  }

  mutating func copiedPanels() -> Statement {
    let lower = newAxis()
    let upper = newAxis()
    let number = newAxis()
    let body = block { schedule in
      schedule.loop(number, from: .axis(lower), to: .axis(upper)) { schedule in
        let panel = schedule.bindPanel(.axis(number))
        schedule.panelPlace = .axis(number) * schedule.panelSize
        schedule.emitPacking(panel: panel)
      }
    }
    return .parallel(
      Statement.Parallel(
        lower: lower, upper: upper, count: panelCount,
        cost: (panelCount * panelSize).quotient(dividingBy: 8), body))
  }

  private mutating func tilesOfRows() -> Statement {
    let lower = newAxis()
    let upper = newAxis()
    let lines = self.lines
    let run = Dim(runLength)
    let runs = lines.divided(by: runLength)
    let outer = plan.outer.filter { group.axes[$0] != 1 }
    let body = block { schedule in
      let segment = schedule.newAxis()
      schedule.loop(
        segment, from: Dim.axis(lower).quotient(dividingBy: run),
        to: (Dim.axis(upper) + run - 1).quotient(dividingBy: run)
      ) { schedule in
        let block = schedule.newAxis()
        let from = schedule.newAxis()
        let to = schedule.newAxis()
        schedule.take(
          .axis(segment), apart: outer.map { ($0, schedule.group.axes[$0]) } + [(block, runs)])
        let first = runs == 1 ? Dim(0) : .axis(block) * run
        let start = Dim.axis(segment) * run
        schedule.b.append(.bind(from, Dim.maximum(.axis(lower) - start, 0)))
        schedule.b.append(
          .bind(to, Dim.minimum(Dim.minimum(.axis(upper) - start, run), lines - first)))
        schedule.emitRun(
          first: first, from: .axis(from), to: .axis(to),
          outer: outer.reduce(Dim(0)) { $0 * schedule.group.axes[$1] + .axis($1) })
      }
    }
    return .parallel(
      Statement.Parallel(
        lower: lower, upper: upper,
        count: outer.reduce(runs == 1 ? lines : runs * run) { $0 * group.axes[$1] }, cost: cost,
        body))
  }

  /// The tiles `first + from ..< first + to` of the panels at a point of the outer axes, or all tiles of
  /// those panels.
  private mutating func emitRun(first: Dim, from: Dim, to: Dim, outer: Dim) {
    if plan.blocks != nil {
      emitBlockedRun(first: first, from: from, to: to)
      return
    }
    let tile = newAxis()
    let panel = newAxis()
    func open(_ schedule: inout TileSchedule) -> Dim {
      schedule.rowPlace = .axis(tile) * schedule.rowsSize
      return schedule.bindTile(first + .axis(tile))
    }
    loop(tile, from: from, to: to) { schedule in
      let band = open(&schedule)
      schedule.emitRowPacking(band: band)
    }
    loop(panel, to: panels) { schedule in
      schedule.panelPlace = (outer * schedule.panels + .axis(panel)) * schedule.panelSize
      schedule.loop(tile, from: from, to: to) { schedule in
        let band = open(&schedule)
        schedule.emitTile(band: band, panel: .axis(panel), into: .results)
      }
    }
  }

  /// As `emitRun`, with the steps of one block after the other; sums wait in between.
  private mutating func emitBlockedRun(first: Dim, from: Dim, to: Dim) {
    let line = newAxis()
    let across = newAxis()
    let runsOfPanels = plan.runsOfPanels
    let (tile, panel) = runsOfPanels ? (across, line) : (line, across)
    let size = Dim(rows * plan.width)
    let dtype = stage.combiner!.accumulator(stage.dtype)
    let count = runsOfPanels ? tilesPerPanel : panels
    let memory = temporary(dtype, Dim(runLength) * count * size, "tiles")
    let place = (Dim.axis(line) * count + .axis(across)) * size
    func emitTiles(
      _ schedule: inout TileSchedule, before: (inout TileSchedule, Dim) -> Void = { _, _ in },
      _ body: (inout TileSchedule, _ band: Dim, _ panel: Dim) -> Void
    ) {
      let position = runsOfPanels ? first + .axis(panel) : .axis(panel)
      let (low, high) = runsOfPanels ? (Dim(0), schedule.tilesPerPanel) : (from, to)
      schedule.loop(
        panel, from: runsOfPanels ? from : 0, to: runsOfPanels ? to : schedule.panels
      ) { schedule in
        before(&schedule, position)
        schedule.loop(tile, from: low, to: high) { schedule in
          let band = schedule.bindTile(runsOfPanels ? .axis(tile) : first + .axis(tile))
          body(&schedule, band, position)
        }
      }
    }
    emitBlocks { schedule, number in
      emitTiles(&schedule, before: { $0.emitPacking(panel: $1) }) { schedule, band, panel in
        schedule.emitTile(
          band: band, panel: panel, into: .memory(memory, place, blocksBefore: number))
      }
    }
    emitTiles(&self) { schedule, band, panel in
      schedule.emitFinish(band: band, panel: panel) { schedule, offset in
        schedule.b.define(
          dtype, lanes: schedule.lanes, .load(Statement.Access(memory, place + offset)))
      }
    }
  }
}
