internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

// The reduced axes: blocks of them, the steps within one, and sums of parts.
extension TileSchedule {
  /// The reduced axes that run within a block, all of them where there is one.
  var steps: [Int] { plan.blocks?.inner ?? stage.reduced }

  /// Where an axis runs within the open block, and at most how far.
  private func bounds(of axis: Int) -> (from: Dim, to: Dim, length: Dim) {
    if let cut = plan.blocks?.cut, cut.axis == axis {
      return (.axis(cutFrom), .axis(cutTo), Dim(cut.length))
    }
    return (0, group.axes[axis], group.axes[axis])
  }

  /// The steps of a block, at most.
  var blockSteps: Dim { steps.reduce(Dim(1)) { $0 * bounds(of: $1).length } }

  /// The steps of a block at each element of rows that overlap, at most.
  func elements(_ overlap: RowOverlap) -> Dim {
    steps.reduce(Dim(1)) { $1 == overlap.axis ? $0 : $0 * bounds(of: $1).length }
  }

  /// The number of an element of rows that overlap at the open point of the other axes.
  func number(of element: Dim, _ overlap: RowOverlap) -> Dim {
    steps.reduce(Dim(0)) { total, axis in
      if axis == overlap.axis { return total * overlap.length(rows: Dim(rows)) + element }
      let (from, _, length) = bounds(of: axis)
      return total * length + (.axis(axis) - from)
    }
  }

  /// The number of the open step within its block.
  var step: Dim {
    steps.reduce(Dim(0)) { $0 * bounds(of: $1).length + (.axis($1) - bounds(of: $1).from) }
  }

  /// How far apart in numbers two steps along an axis are.
  func stepDistance(_ axis: Int) -> Dim {
    let at = steps.firstIndex(of: axis)!
    return steps[(at + 1)...].reduce(Dim(1)) { $0 * bounds(of: $1).length }
  }

  /// Loops over the steps of the open block; along `last`, if given, over every `stride`th from the
  /// first on as long as that many are left, or over those that are left then.
  mutating func emitSteps(
    _ body: (inout TileSchedule) -> Void
  ) {
    emitSteps(steps, body)
  }

  private mutating func emitSteps(_ axes: [Int], _ body: (inout TileSchedule) -> Void) {
    guard let axis = axes.first else {
      body(&self)
      return
    }
    let (from, to, _) = bounds(of: axis)
    loop(axis, from: from, to: to) { $0.emitSteps(Array(axes.dropFirst()), body) }
  }

  /// As `emitSteps`, with the steps along `axis` in groups of `size`, and those left over singly.
  mutating func emitSteps(
    groupedAlong axis: Int, by size: Int, group: (inout TileSchedule) -> Void,
    single: (inout TileSchedule) -> Void
  ) {
    let (from, to, _) = bounds(of: axis)
    let grouped = from + (to - from).quotient(dividingBy: Dim(size)) * Dim(size)
    let others = steps.filter { $0 != axis }
    emitSteps(others) { schedule in
      schedule.loop(axis, from: from, to: grouped, step: size, group)
      if grouped != to { schedule.loop(axis, from: grouped, to: to, single) }
    }
  }

  /// As `emitSteps`, with a vector of steps along the last axis at a time and without another axis; the
  /// body is told how many of its lanes are there, nil for all.
  mutating func emitVectorSteps(
    lanes: Int, without other: Int? = nil,
    _ body: (inout TileSchedule, _ active: Dim?) -> Void
  ) {
    guard let last = steps.last else {
      body(&self, nil)
      return
    }
    let (from, to, length) = bounds(of: last)
    emitSteps(steps.dropLast().filter { $0 != other }) { schedule in
      schedule.loop(last, from: from, to: to, step: lanes) { schedule in
        let isWhole =
          schedule.plan.blocks?.cut?.axis != last && length.constant.map { $0 % lanes == 0 } == true
        body(&schedule, isWhole ? nil : Dim.minimum(to - .axis(last), Dim(lanes)))
      }
    }
  }

  /// A loop over the blocks; the body gets the number of the open one.
  mutating func emitBlocks(_ body: (inout TileSchedule, _ number: Dim) -> Void) {
    guard let blocks = plan.blocks else {
      body(&self, 0)
      return
    }
    let number = newAxis()
    loop(number, to: blocks.count) { schedule in
      schedule.bindBlock(.axis(number))
      body(&schedule, .axis(number))
    }
  }

  private mutating func bindBlock(_ number: Dim) {
    guard let blocks = plan.blocks else { return }
    let piece = newAxis()
    var pieces = Dim(1)
    if let cut = blocks.cut { pieces = group.axes[cut.axis].divided(by: cut.length) }
    // An extent of 0 has one block, number 0, and no steps.
    let safe = pieces.constant == nil ? Dim.maximum(pieces, 1) : pieces
    take(
      number, apart: blocks.outer.map { ($0, group.axes[$0]) } + [(piece, safe)])
    guard let cut = blocks.cut else { return }
    let start = (safe == 1 ? Dim(0) : .axis(piece)) * Dim(cut.length)
    b.append(.bind(cutFrom, start))
    b.append(.bind(cutTo, Dim.minimum(start + Dim(cut.length), group.axes[cut.axis])))
  }

  // MARK: - Parts

  /// Sums of parts of the reduction, each over all tiles, and then their sum in order: as many parts
  /// for one worker as for many, so the bits are the same.
  mutating func splitStatements() -> [Statement] {
    let blocks = plan.blocks!.count
    let parts = Dim.minimum(Dim(plan.parts), blocks)
    let tiles = panelCount * tilesPerPanel
    let size = Dim(rows * plan.width)
    let dtype = stage.combiner!.accumulator(stage.dtype)
    let memory = temporary(dtype, parts * tiles * size, "parts", perWorker: false)
    let lower = newAxis()
    let upper = newAxis()
    let part = newAxis()
    let sums = block { schedule in
      schedule.loop(part, from: .axis(lower), to: .axis(upper)) { schedule in
        let first = schedule.newAxis()
        let number = schedule.newAxis()
        schedule.b.append(
          .bind(first, (.axis(part) * blocks).quotient(dividingBy: parts)))
        schedule.loop(
          number, from: .axis(first), to: ((.axis(part) + 1) * blocks).quotient(dividingBy: parts)
        ) { schedule in
          schedule.bindBlock(.axis(number))
          let panel = schedule.newAxis()
          schedule.loop(panel, to: schedule.panelCount) { schedule in
            let position = schedule.bindPanel(.axis(panel))
            schedule.emitPacking(panel: position)
            let tile = schedule.newAxis()
            schedule.loop(tile, to: schedule.tilesPerPanel) { schedule in
              let band = schedule.bindTile(.axis(tile))
              schedule.emitRowPacking(band: band)
              let place =
                .axis(part) * tiles + .axis(panel) * schedule.tilesPerPanel + .axis(tile)
              schedule.emitTile(
                band: band, panel: position,
                into: .memory(memory, place * size, blocksBefore: .axis(number) - .axis(first)))
            }
          }
        }
      }
    }
    let from = newAxis()
    let to = newAxis()
    let number = newAxis()
    let results = block { schedule in
      schedule.loop(number, from: .axis(from), to: .axis(to)) { schedule in
        let panel = schedule.newAxis()
        let tile = schedule.newAxis()
        schedule.take(
          .axis(number),
          apart: [(panel, schedule.panelCount), (tile, schedule.tilesPerPanel)])
        let position = schedule.bindPanel(schedule.panelCount == 1 ? 0 : .axis(panel))
        let band = schedule.bindTile(schedule.tilesPerPanel == 1 ? 0 : .axis(tile))
        schedule.emitFinish(band: band, panel: position) { schedule, offset in
          let place = Dim.axis(number) * size + offset
          let total = schedule.b.mutableLoad(
            dtype, lanes: schedule.lanes, Statement.Access(memory, place))
          schedule.loop(part, from: 1, to: parts) { schedule in
            let next = schedule.b.define(
              dtype, lanes: schedule.lanes,
              .load(Statement.Access(memory, .axis(part) * tiles * size + place)))
            schedule.b.assign(total, .op(.add, [total, next]))
          }
          return total
        }
      }
    }
    let points = tiles * parts * size
    return [
      .parallel(
        Statement.Parallel(lower: lower, upper: upper, count: parts, cost: cost, sums)),
      .parallel(
        Statement.Parallel(
          lower: from, upper: to, count: tiles, cost: points.quotient(dividingBy: 16), results)),
    ]
  }

  /// Binds the axes of a panel's number and gives its place along the vector axis.
  mutating func bindPanel(_ number: Dim) -> Dim {
    let panel = newAxis()
    take(number, apart: plan.outer.map { ($0, group.axes[$0]) } + [(panel, panels)])
    return panels == 1 ? 0 : .axis(panel)
  }
}
