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
      .float32, Dim(Winograd.elements * w.channels(group) * w.paddedColumns(group)), "windows",
      perWorker: false)
    return [transformedWindows(w, into: windows), strips(w, windows)]
  }

  // MARK: - Transformations

  /// The transformation of one dimension: so many registers to so many others.
  typealias Transformation = (inout NestBuilder, [Register]) -> [Register]

  /// `Bᵀ`, from the elements under a tile.
  static func transformData(_ b: inout NestBuilder, _ d: [Register]) -> [Register] {
    [
      b.op(.subtract, .float32, d[0], d[2]), b.op(.add, .float32, d[1], d[2]),
      b.op(.subtract, .float32, d[2], d[1]), b.op(.subtract, .float32, d[1], d[3]),
    ]
  }

  /// `G`, from a window.
  static func transformWindow(_ b: inout NestBuilder, _ g: [Register]) -> [Register] {
    let half = b.half
    let ends = b.op(.add, .float32, g[0], g[2])
    return [
      g[0], b.op(.multiply, .float32, b.op(.add, .float32, ends, g[1]), half),
      b.op(.multiply, .float32, b.op(.subtract, .float32, ends, g[1]), half), g[2],
    ]
  }

  /// `Aᵀ`, to the points of a tile.
  static func transformSums(_ b: inout NestBuilder, _ m: [Register]) -> [Register] {
    [
      b.op(.add, .float32, b.op(.add, .float32, m[0], m[1]), m[2]),
      b.op(.subtract, .float32, b.op(.subtract, .float32, m[1], m[2]), m[3]),
    ]
  }

  /// Row by row of `rows[i][j]` along `i`, then along `j`; elements are asked for as they are needed.
  mutating func transform(
    _ size: Int, _ f: Transformation,
    _ element: (inout TileSchedule, _ i: Int, _ j: Int) -> Register
  ) -> [[Register]] {
    var columns: [[Register]] = []
    for j in 0..<size {
      var column: [Register] = []
      for i in 0..<size { column.append(element(&self, i, j)) }
      columns.append(f(&b, column))
    }
    return columns[0].indices.map { i in f(&b, columns.map { $0[i] }) }
  }

  /// A factor at the open point moved along some axes, as a vector along `v` or as one element.
  mutating func factor(
    _ f: Int, moved shifts: [(axis: Int, by: Int)], along v: Int, lanes: Int, active: Dim?,
    isGuarded: Bool = true
  ) -> Register {
    let factor = plan.factors[f]
    func moved(_ d: Dim) -> Dim { shifts.reduce(d) { $0.shifted($1.axis, by: $1.by) } }
    var operands: [Register] = []
    for (k, read) in stage.reads.enumerated() {
      guard factor.reads.contains(k),
        case .memory(let buffer, let index, let guards, let bits) = read
      else {
        operands.append(Register(-1, .bool, lanes: 1))
        continue
      }
      operands.append(
        b.load(
          buffers[buffer].dtype, buffer, moved(index),
          guards: isGuarded ? guards.map { $0.mapped(moved) } : [], otherwise: bits,
          reads: operands, v: v, lanes: lanes, offset: 0, active: lanes == 1 ? nil : active))
    }
    let value = b.evaluate(factor.program, lanes: lanes, operands: operands) { ($0, step: 0) }
    return b.wide(value, lanes)
  }

  /// Loops over whole vectors of an axis, and the one that is left.
  mutating func emitVectors(
    _ axis: Int, _ body: (inout TileSchedule, _ active: Dim?) -> Void
  ) {
    let extent = group.axes[axis].constant!
    let whole = extent / Winograd.lanes * Winograd.lanes
    if whole > 0 { loop(axis, to: Dim(whole), step: Winograd.lanes) { body(&$0, nil) } }
    guard whole < extent else { return }
    let rest = block {
      $0.b.append(.bind(axis, Dim(whole)))
      body(&$0, Dim(extent - whole))
    }
    b.append(.conditional([.nonNegative(0)], rest))
  }

  /// Zeros in the vectors beyond the last column that fill its panel.
  mutating func emitPadding(_ w: Winograd, _ store: (inout TileSchedule, Int, Register) -> Void) {
    let lanes = Winograd.lanes
    let first = (group.axes[w.column].constant! + lanes - 1) / lanes * lanes
    guard first < w.paddedColumns(group) else { return }
    let zero = b.pure(.constant(0), .float32, lanes: lanes, [])
    loop(w.column, from: Dim(first), to: Dim(w.paddedColumns(group)), step: lanes) { schedule in
      for e in 0..<Winograd.elements { store(&schedule, e, zero) }
    }
  }

  // MARK: - Windows

  /// `[panel][element][channel][column of the panel]`
  private func placeInWindows(_ w: Winograd, panel: Dim, element: Dim, channel: Dim) -> Dim {
    let width = w.columns * Winograd.lanes
    return ((panel * Dim(Winograd.elements) + element) * Dim(w.channels(group)) + channel)
      * Dim(width)
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

  // MARK: - Tiles

  /// Binds the axes of points to the first point of a tile, and those of windows to where shifts begin;
  /// gives, for each side, how many of its points the tile before has.
  mutating func bindTile(_ w: Winograd, _ number: Dim) -> [Dim] {
    let tiles = w.sides.map { (axis: newAxis(), extent: w.tiles($0, group)) }
    take(number, apart: w.outer.map { ($0, group.axes[$0]) } + tiles)
    var done: [Dim] = []
    for (side, tile) in zip(w.sides, tiles) {
      let start = tile.extent == 1 ? Dim(0) : .axis(tile.axis) * 2
      let extent = group.axes[side.point].constant!
      b.append(
        .bind(side.point, extent % 2 == 0 ? start : Dim.minimum(start, Dim(extent - 2))))
      guard extent % 2 != 0 else {
        done.append(0)
        continue
      }
      // Under a name of its own, as the point's axis is bound again.
      let before = newAxis()
      b.append(.bind(before, start - .axis(side.point)))
      done.append(.axis(before))
    }
    return done
  }

  /// Names for the open tile's first point, whose axes are bound again within.
  private mutating func bindStarts(_ w: Winograd) -> [Dim] {
    w.sides.map { side in
      let start = newAxis()
      b.append(.bind(start, .axis(side.point)))
      return .axis(start)
    }
  }

  /// The transformed data of a strip's tiles: `[element][tile][channel]`, zero beyond the last tile up to
  /// a whole number of rows.
  mutating func emitData(_ w: Winograd, first: Dim, count: Dim, into memory: Int) {
    let tile = newAxis()
    let channels = Dim(w.paddedChannels(group))
    let plane = w.plane(w.paddedChannels(group))
    func store(_ schedule: inout TileSchedule, _ e: Int, _ x: Register, _ channel: Dim) {
      let place = Dim(e * plane) + .axis(tile) * channels + channel
      schedule.b.append(.store(x, to: Statement.Access(memory, place)))
    }
    func emit(_ schedule: inout TileSchedule, isGuarded: Bool) {
      schedule.emitVectors(w.channel) { schedule, active in
        let transformed = schedule.transform(4, Self.transformData) { schedule, i, j in
          schedule.factor(
            w.data, moved: [(w.sides[0].point, i), (w.sides[1].point, j)], along: w.channel,
            lanes: Winograd.lanes, active: active, isGuarded: isGuarded)
        }
        schedule.prefetchTile(w, w.data, at: 2..<4)
        for (e, x) in transformed.joined().enumerated() { store(&schedule, e, x, .axis(w.channel)) }
      }
    }
    loop(tile, to: count) { schedule in
      _ = schedule.bindTile(w, first + .axis(tile))
      for side in w.sides { schedule.b.append(.bind(side.window, side.isReversed ? 2 : 0)) }
      // Within the data nothing is tested.
      guard let least = schedule.leastGuard(w) else {
        emit(&schedule, isGuarded: true)
        return
      }
      let margin = schedule.newAxis()
      schedule.b.append(.bind(margin, least))
      let inside = schedule.block { emit(&$0, isGuarded: false) }
      schedule.append(inside, where: .axis(margin))
      let atEdge = schedule.block { emit(&$0, isGuarded: true) }
      schedule.append(atEdge, where: -1 - .axis(margin))
    }
    guard !w.isForWindows, w.rows > 1 else { return }
    loop(tile, from: count, to: count.divided(by: w.rows) * Dim(w.rows)) { schedule in
      let zero = schedule.b.pure(.constant(0), .float32, lanes: Winograd.lanes, [])
      let channel = schedule.newAxis()
      schedule.loop(channel, to: channels, step: Winograd.lanes) { schedule in
        for e in 0..<Winograd.elements { store(&schedule, e, zero, .axis(channel)) }
      }
    }
  }

  /// Asks for what the next tile but one has of a factor that the tiles before it have not.
  mutating func prefetchTile(_ w: Winograd, _ factor: Int, at elements: Range<Int>) {
    guard let first = plan.factors[factor].reads.first,
      case .memory(let buffer, let index, _, _) = stage.reads[first], index.loadedReads.isEmpty
    else { return }
    let (row, column) = (w.sides[0].point, w.sides[1].point)
    for i in elements {
      for j in elements {
        b.append(
          .prefetch(buffer: buffer, index.shifted(row, by: i).shifted(column, by: j + 4)))
      }
    }
  }

  /// An expression that is not negative where no guard of the data fails under the whole tile; nil where
  /// there is none to test or another kind of them.
  private func leastGuard(_ w: Winograd) -> Dim? {
    var least: Dim?
    for k in plan.factors[w.data].reads {
      guard case .memory(_, _, let guards, _) = stage.reads[k] else { continue }
      for case let one in guards {
        guard case .nonNegative(var d) = one else { return nil }
        for side in w.sides {
          guard let coefficient = d.linear(in: side.point)?.coefficient.constant else { return nil }
          if coefficient < 0 { d = d.shifted(side.point, by: 3) }
        }
        least = least.map { Dim.minimum($0, d) } ?? d
      }
    }
    return least
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

extension NestBuilder {
  /// One half in every lane.
  var half: Register {
    mutating get {
      pure(.constant(UInt64((0.5 as Float).bitPattern)), .float32, lanes: Winograd.lanes, [])
    }
  }

  /// Makes `check` infinite or NaN where a sum of 16 such numbers might not be finite.
  mutating func join(_ totals: [[Register]], into check: Register) {
    let lanes = Winograd.lanes
    let bits = UInt64((16 as Float).bitPattern)
    let sixteen = pure(.constant(bits), .float32, lanes: lanes, [])
    for j in totals[0].indices {
      // A chain for each column: they need not wait for one another.
      var chain = op(.multiply, .float32, totals[0][j], sixteen)
      for row in totals.dropFirst() {
        chain = define(.float32, lanes: lanes, .op(.multiplyAdd, [row[j], sixteen, chain]))
      }
      assign(check, .op(.add, [check, chain]))
    }
  }

  /// 1 where a lane of a check is not finite, else 0.
  mutating func isNotFinite(_ check: Register) -> Dim {
    let zero = pure(.constant(0), .float32, lanes: Winograd.lanes, [])
    // 0, or NaN from infinity and NaN.
    let bad = define(.float32, lanes: Winograd.lanes, .op(.multiply, [check, zero]))
    let total = define(.float32, lanes: 1, .reduceLanes(.add, bad))
    let isBad = op(.notEqual, .bool, total, total)
    return Dim(.loaded(define(.int64, lanes: 1, .op(.convert, [isBad])).number))
  }
}
