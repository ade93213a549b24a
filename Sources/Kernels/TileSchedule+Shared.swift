internal import GnomonIR
internal import GnomonTensors

// Products whose rows are copied: every panel is copied once, for all workers, and passes by blocks of
// rows, so that no row is copied for each panel again.
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
  /// The tiles of a block of rows.
  var runLength: Int {
    guard let n = tilesPerPanel.constant, n > 0 else { return plan.run }
    let runs = (n + plan.run - 1) / plan.run
    return (n + runs - 1) / runs
  }

  mutating func sharedStatements() -> [Statement] {
    let copies = panelMemory == nil ? [] : [copiedPanels()]
    return copies + [tilesOfRows()]
  }

  private mutating func copiedPanels() -> Statement {
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
    let inPanel = tilesPerPanel
    let run = Dim(runLength)
    let runs = inPanel.divided(by: runLength)
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
          .bind(to, Dim.minimum(Dim.minimum(.axis(upper) - start, run), inPanel - first)))
        schedule.emitRows(
          first: first, from: .axis(from), to: .axis(to),
          outer: outer.reduce(Dim(0)) { $0 * schedule.group.axes[$1] + .axis($1) })
      }
    }
    return .parallel(
      Statement.Parallel(
        lower: lower, upper: upper,
        count: outer.reduce(runs == 1 ? inPanel : runs * run) { $0 * group.axes[$1] }, cost: cost,
        body))
  }

  /// The tiles `first + from ..< first + to` of the panels at a point of the outer axes.
  private mutating func emitRows(first: Dim, from: Dim, to: Dim, outer: Dim) {
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
}
