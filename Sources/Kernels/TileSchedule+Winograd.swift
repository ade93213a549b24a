internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

// Convolutions by tiles of 2 × 2 points, see `Winograd`.
//
//     parallel over the channels
//       transform the windows
//     parallel over strips of tiles
//       transform the data under each tile
//       for each of 16 elements: sums = data × windows
//       if all are finite: transform the sums to points
//       else: the points from data and windows as they are
//       the other stages, and the results
extension TileSchedule {
  mutating func winogradStatements(_ w: Winograd) -> [Statement] {
    if w.isForWindows { return windowStatements(w) }
    let windows = temporary(
      .float32, Dim(Winograd.elements * w.panels(group) * w.panelPlane(group)), "windows",
      perWorker: false)
    return [transformedWindows(w, into: windows), strips(w, windows)]
  }

  // MARK: - Windows

  /// `[panel][element][channel][column of the panel]`
  private func placeInWindows(_ w: Winograd, panel: Dim, element: Dim, channel: Dim) -> Dim {
    (panel * Dim(Winograd.elements) + element) * Dim(w.panelPlane(group))
      + channel * Dim(w.columns * Winograd.lanes)
  }

  private mutating func transformedWindows(_ w: Winograd, into memory: Int) -> Statement {
    let lower = newAxis()
    let upper = newAxis()
    let width = Dim(w.columns * Winograd.lanes)
    func store(_ schedule: inout TileSchedule, _ e: Int, _ x: Register) {
      let panel = Dim.axis(w.column).quotient(dividingBy: width)
      let place = schedule.placeInWindows(
        w, panel: panel, element: Dim(e), channel: .axis(w.channel))
      schedule.b.append(
        .store(x, to: Statement.Access(memory, place + .axis(w.column) - panel * width)))
    }
    let body = block { schedule in
      schedule.loop(w.channel, from: .axis(lower), to: .axis(upper)) { schedule in
        for side in w.sides { schedule.b.append(.bind(side.window, 0)) }
        schedule.emitVectors(w.column) { schedule, active in
          let transformed = schedule.transform(3, Self.transformWindow) { schedule, i, j in
            schedule.factor(
              w.other,
              moved: [
                (w.sides[0].window, w.sides[0].isReversed ? 2 - i : i),
                (w.sides[1].window, w.sides[1].isReversed ? 2 - j : j),
              ], along: w.column, lanes: Winograd.lanes, active: active)
          }
          for (e, x) in transformed.joined().enumerated() { store(&schedule, e, x) }
        }
        schedule.emitPadding(w, store)
      }
    }
    let channels = w.channels(group)
    return .parallel(
      Statement.Parallel(
        lower: lower, upper: upper, count: Dim(channels),
        cost: Dim(channels * w.paddedColumns(group)), body))
  }

  // MARK: - Strips

  private mutating func strips(_ w: Winograd, _ windows: Int) -> Statement {
    let width = w.paddedColumns(group)
    let strip = Dim(w.strip)
    let data = temporary(
      .float32, Dim(Winograd.elements * w.plane(w.paddedChannels(group))), "data")
    let sums = temporary(.float32, Dim(Winograd.elements * w.plane(width)), "sums")
    let points = temporary(.float32, Dim(4 * w.strip * width), "points")
    let tiles = w.tileCount(group)
    let lower = newAxis()
    let upper = newAxis()
    let number = newAxis()
    let body = block { schedule in
      schedule.loop(number, from: .axis(lower), to: .axis(upper)) { schedule in
        let first = schedule.newAxis()
        let count = schedule.newAxis()
        schedule.b.append(.bind(first, .axis(number) * strip))
        schedule.b.append(.bind(count, Dim.minimum(tiles - .axis(first), strip)))
        schedule.emitData(w, first: .axis(first), count: .axis(count), into: data)
        let check = schedule.b.variable(.float32, lanes: Winograd.lanes, bits: 0)
        schedule.emitSums(
          w, data, windows, bands: Dim.axis(count).divided(by: w.rows), into: sums, check)
        let isBad = schedule.b.isNotFinite(check)
        let fast = schedule.block {
          $0.emitPoints(w, sums, count: .axis(count), into: points)
        }
        schedule.append(fast, where: -isBad)
        let direct = schedule.block {
          $0.emitDirect(w, first: .axis(first), count: .axis(count), into: points)
        }
        schedule.append(direct, where: isBad - 1)
        schedule.emitResults(w, points, first: .axis(first), count: .axis(count))
      }
    }
    return .parallel(
      Statement.Parallel(
        lower: lower, upper: upper, count: tiles.divided(by: w.strip), cost: cost, body))
  }

  /// `sums[element][tile][column] = Σ data[element][tile][channel] * windows[element][channel][column]`
  private mutating func emitSums(
    _ w: Winograd, _ data: Int, _ windows: Int, bands: Dim, into memory: Int, _ check: Register
  ) {
    let lanes = Winograd.lanes
    let (width, channels) = (w.paddedColumns(group), w.paddedChannels(group))
    let element = newAxis()
    let panel = newAxis()
    let band = newAxis()
    let panels = w.panels(group)
    let open = panels == 1 ? Dim(0) : .axis(panel)
    /// Row `i` of the open band, with so many numbers a tile.
    func row(_ i: Int, _ width: Int) -> Dim {
      .axis(element) * Dim(w.plane(width)) + (.axis(band) * Dim(w.rows) + Dim(i)) * Dim(width)
    }
    func emitPanel(_ schedule: inout TileSchedule) {
      schedule.loop(band, to: bands) { schedule in
        let totals = schedule.zeros(w)
        schedule.loop(w.channel, to: Dim(w.channels(schedule.group))) { schedule in
          let place = schedule.placeInWindows(
            w, panel: open, element: .axis(element), channel: .axis(w.channel))
          schedule.emitProducts(
            w, totals,
            row: { Statement.Access(data, row($0, channels) + .axis(w.channel), stride: 0) },
            column: { Statement.Access(windows, place + Dim($0 * lanes)) })
        }
        for i in 0..<w.rows {
          for j in 0..<w.columns {
            let column = open * Dim(w.columns * lanes) + Dim(j * lanes)
            schedule.b.append(
              .store(totals[i][j], to: Statement.Access(memory, row(i, width) + column)))
          }
        }
        schedule.b.join(totals, into: check)
      }
    }
    loop(element, to: Dim(Winograd.elements)) { schedule in
      if panels == 1 {
        emitPanel(&schedule)
      } else {
        schedule.loop(panel, to: Dim(panels), emitPanel)
      }
    }
  }

  mutating func zeros(_ w: Winograd) -> [[Register]] {
    (0..<w.rows).map { _ in
      (0..<w.columns).map { _ in b.variable(.float32, lanes: Winograd.lanes, bits: 0) }
    }
  }

  /// One step of a register tile: row by row, so that one row's element and the vectors are live.
  mutating func emitProducts(
    _ w: Winograd, _ totals: [[Register]], row: (Int) -> Statement.Access,
    column: (Int) -> Statement.Access
  ) {
    let lanes = Winograd.lanes
    var vectors: [Register] = []
    for i in 0..<w.rows {
      let x = b.wide(b.define(.float32, lanes: 1, .load(row(i))), lanes)
      for j in 0..<w.columns {
        if i == 0 { vectors.append(b.define(.float32, lanes: lanes, .load(column(j)))) }
        b.assign(totals[i][j], .op(.multiplyAdd, [x, vectors[j], totals[i][j]]))
      }
    }
  }

  // MARK: - Points

  /// `[tile][row][column of points][column]`
  private mutating func emitPoints(_ w: Winograd, _ sums: Int, count: Dim, into memory: Int) {
    let width = Dim(w.paddedColumns(group))
    let plane = w.plane(w.paddedColumns(group))
    let tile = newAxis()
    let column = newAxis()
    loop(tile, to: count) { schedule in
      schedule.loop(column, to: width, step: Winograd.lanes) { schedule in
        let transformed = schedule.transform(4, Self.transformSums) { schedule, i, j in
          let place = Dim((i * 4 + j) * plane) + .axis(tile) * width + .axis(column)
          return schedule.b.define(
            .float32, lanes: Winograd.lanes, .load(Statement.Access(sums, place)))
        }
        for (e, x) in transformed.joined().enumerated() {
          let place = (.axis(tile) * 4 + Dim(e)) * width + .axis(column)
          schedule.b.append(.store(x, to: Statement.Access(memory, place)))
        }
      }
    }
  }

  /// The points as sums over the windows, where a number is not finite: then it must not reach points
  /// whose windows do not have it.
  private mutating func emitDirect(_ w: Winograd, first: Dim, count: Dim, into memory: Int) {
    let width = Dim(w.paddedColumns(group))
    let tile = newAxis()
    loop(tile, to: count) { schedule in
      _ = schedule.bindTile(w, first + .axis(tile))
      let starts = schedule.bindStarts(w)
      let (i, j) = (schedule.newAxis(), schedule.newAxis())
      schedule.loop(i, to: 2) { schedule in
        schedule.loop(j, to: 2) { schedule in
          schedule.b.append(.bind(w.sides[0].point, starts[0] + .axis(i)))
          schedule.b.append(.bind(w.sides[1].point, starts[1] + .axis(j)))
          schedule.emitVectors(w.column) { schedule, active in
            let total = schedule.directSum(
              w, over: w.sides.map(\.window) + [w.channel], active: active)
            let place = (.axis(tile) * 4 + .axis(i) * 2 + .axis(j)) * width + .axis(w.column)
            schedule.b.append(.store(total, to: Statement.Access(memory, place)))
          }
        }
      }
    }
  }

  /// The sum of the stage's products over some axes, in their order.
  mutating func directSum(_ w: Winograd, over axes: [Int], active: Dim?) -> Register {
    let lanes = Winograd.lanes
    let total = b.variable(.float32, lanes: lanes, bits: 0)
    func emit(_ schedule: inout TileSchedule, _ axes: [Int]) {
      guard let axis = axes.first else {
        let x = schedule.b.wide(
          schedule.factor(w.data, moved: [], along: w.column, lanes: 1, active: nil), lanes)
        let y = schedule.factor(w.other, moved: [], along: w.column, lanes: lanes, active: active)
        schedule.b.assign(total, .op(.multiplyAdd, [x, y, total]))
        return
      }
      schedule.loop(axis, to: schedule.group.axes[axis]) { emit(&$0, Array(axes.dropFirst())) }
    }
    emit(&self, axes)
    return total
  }

  private mutating func emitResults(_ w: Winograd, _ points: Int, first: Dim, count: Dim) {
    let width = Dim(w.paddedColumns(group))
    let tile = newAxis()
    loop(tile, to: count) { schedule in
      let done = schedule.bindTile(w, first + .axis(tile))
      let starts = schedule.bindStarts(w)
      let i = schedule.newAxis()
      schedule.loop(i, from: done[0], to: 2) { schedule in
        schedule.b.append(.bind(w.sides[0].point, starts[0] + .axis(i)))
        schedule.emitRow(
          row: starts[1] + done[1], height: 2 - done[1],
          from: points, at: (.axis(tile) * 4 + .axis(i) * 2 + done[1]) * width)
      }
    }
  }

  /// The other stages and the results on `height` rows whose sums lie in memory from a place on.
  mutating func emitRow(row: Dim, height: Dim, from memory: Int, at place: Dim) {
    let extent = vectorExtent.constant!
    let rest = extent % lanes
    emitFinish(
      row: row, height: height, column: 0, vectors: Dim(extent / lanes),
      active: rest == 0 ? nil : Dim(rest)
    ) { schedule, offset in
      schedule.b.define(
        .float32, lanes: schedule.lanes, .load(Statement.Access(memory, place + offset)))
    }
  }
}
