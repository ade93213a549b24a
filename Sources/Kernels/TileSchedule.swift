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
  var tileMemory: Int?
  /// Where in the panel the open tile's columns begin.
  var panelOffset = Dim(0)

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
}
