internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

// Tiles of points and what is under them, transformed, see `Winograd`.
extension TileSchedule {
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
  mutating func bindStarts(_ w: Winograd) -> [Dim] {
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
