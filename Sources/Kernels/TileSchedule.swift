internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// The nest of a reduction whose operands are each reused along another axis of the result: matrix
/// products, convolutions, pooling.
///
/// A tile of the result stays in registers while the reduced axes run: `rows` points along one axis
/// times `columns` vectors along another. The group's other stages are computed on the finished tile.
/// The tiles of a panel of columns follow one another, so that its vectors stay in the cache:
///
///     parallel over all tiles                    contiguous shares
///       for each panel in the share
///         for each block of the reduction        where a panel of all steps is too large
///           copy the panel's vectors             where they do not lie together; or the first of a
///                                                few tiles copies them with its steps
///           for each tile of the panel
///             copy the tile's rows               where the padding is among them
///             for each step: accumulators += rows × vectors
///             the other stages, and the results  after the last block
struct TileSchedule {
  private(set) var group: FusionGroup
  let anchor: Int
  let plan: TilePlan
  var b = NestBuilder()
  var nextAxis: Int
  var buffers: [Kernel.Buffer]
  /// Memory of each worker: a panel of columns, the rows of a tile, and finished tiles.
  var panelMemory: Int?
  var rowMemory: Int?
  var tileMemory: Int?
  /// The bounds of the open block along the axis that is cut.
  var cutFrom = 0
  var cutTo = 0
  /// Where the open panel and the open tile's rows lie in their memory.
  var panelPlace = Dim(0)
  var rowPlace = Dim(0)
  /// The number of the open tile, and of the first one of its run, which copies the panel; nil where a
  /// panel is copied before its tiles.
  var copyingTile: (tile: Dim, first: Dim)?
  /// Whether the open steps copy the panel.
  var copiesPanel = false

  /// Vectors run along `vectorAxis`, the tile's rows along `rowAxis`.
  var vectorAxis: Int? { plan.vectorAxis }
  var rowAxis: Int? { plan.rowAxis }
  var lanes: Int { plan.lanes }
  var rows: Int { plan.rows }
  var columns: Int { plan.columns }
  var stage: FusionGroup.Stage { group.stages[anchor] }

  /// - Parameter fixed: the buffers that hold the same in each of several runs.
  init(_ group: FusionGroup, anchor: Int, machine: Machine, fixed: Set<Int> = []) {
    self.group = group
    self.anchor = anchor
    plan = TilePlan(group, anchor: anchor, machine: machine, fixed: fixed)
    buffers = group.buffers
    nextAxis = group.axes.count
    cutFrom = newAxis()
    cutTo = newAxis()
    let dtype = stage.combiner!.accumulator(stage.dtype)
    if plan.preparesPanels {
      panelMemory = buffers.count
      buffers.append(Kernel.Buffer(dtype, .input, name: "panels"))
    } else if plan.packsColumns {
      panelMemory =
        plan.sharesPanels && plan.blocks == nil
        ? temporary(dtype, panelCount * panelSize, "panels", perWorker: false)
        : temporary(dtype, panelSize, "panel")
    }
    if plan.packsRows {
      let tiles = plan.sharesPanels ? runLength : 1
      rowMemory = temporary(dtype, rowsSize * Dim(tiles), "rows")
    }
  }

  /// The kernel that copies the panels, where a plan has it.
  func preparation() -> Kernel.Preparation? {
    guard plan.preparesPanels, let f = plan.columnFactor, let memory = panelMemory else {
      return nil
    }
    var own = self
    var operands: [Int] = []
    for n in plan.factors[f].reads {
      guard case .memory(let buffer, let index, let guards, let otherwise) = stage.reads[n] else {
        continue
      }
      let k = operands.firstIndex(of: buffer) ?? operands.count
      if k == operands.count { operands.append(buffer) }
      own.group.stages[anchor].reads[n] = .memory(
        buffer: k, index: index, guards: guards, otherwise: otherwise)
    }
    var panels = buffers[memory]
    panels.role = .output
    own.buffers = operands.map { buffers[$0] } + [panels]
    own.panelMemory = operands.count
    let elements = panelCount * panelSize
    return Kernel.Preparation(
      kernel: Kernel(
        name: "\(group.name)_panels", buffers: own.buffers, body: [own.copiedPanels()]),
      operands: operands, bytes: elements * Dim(panels.dtype.byteCount))
  }

  mutating func newAxis() -> Int {
    nextAxis += 1
    return nextAxis - 1
  }

  mutating func temporary(
    _ dtype: DType, _ elements: Dim, _ name: String, perWorker: Bool = true
  ) -> Int {
    buffers.append(
      Kernel.Buffer(dtype, .temporary(elements: elements, perWorker: perWorker), name: name))
    return buffers.count - 1
  }

  mutating func block(_ body: (inout TileSchedule) -> Void) -> [Statement] {
    b.open()
    body(&self)
    return b.close()
  }

  mutating func loop(
    _ axis: Int, from: Dim = 0, to: Dim, step: Int = 1, _ body: (inout TileSchedule) -> Void
  ) {
    let inner = block(body)
    b.append(.loop(Statement.Loop(axis, from: from, to: to, step: step, inner)))
  }

  /// The statements under a condition, or as they are where it always holds.
  mutating func append(_ statements: [Statement], where d: Dim) {
    if let known = d.constant {
      if known >= 0 { statements.forEach { b.append($0) } }
    } else {
      b.append(.conditional([.nonNegative(d)], statements))
    }
  }

  /// As `append`, in a block of its own: it binds axes that what follows binds again.
  mutating func enclose(_ statements: [Statement], where d: Dim) {
    if let known = d.constant, known < 0 { return }
    b.append(.conditional([.nonNegative(d.constant == nil ? d : 0)], statements))
  }

  // MARK: - Counts

  var vectorExtent: Dim { vectorAxis.map { group.axes[$0] } ?? 1 }
  var rowExtent: Dim { rowAxis.map { group.axes[$0] } ?? 1 }

  var panels: Dim { vectorExtent.divided(by: plan.width) }
  var bands: Dim { rowExtent.divided(by: rows) }

  /// The flat position of the open point among the outer axes.
  var outerPosition: Dim {
    plan.outer.reduce(Dim(0)) { $0 * group.axes[$1] + (group.axes[$1] == 1 ? 0 : .axis($1)) }
  }

  /// The panels of all outer axes, and the tiles of one.
  var panelCount: Dim { plan.outer.reduce(panels) { $0 * group.axes[$1] } }
  var tilesPerPanel: Dim { plan.inner.reduce(bands) { $0 * group.axes[$1] } }

  /// Rows are shared out evenly where their number is known: the first `tallBands` bands have `rows` of
  /// them, the others one fewer. Nil where only the last band may be lower.
  var tallBands: Int? {
    guard let m = rowExtent.constant, let n = bands.constant else { return nil }
    return n - (n * rows - m)
  }

  /// The elements of a copied panel.
  var panelSize: Dim { blockSteps * Dim(plan.width) }

  /// The elements of a tile's copied rows.
  var rowsSize: Dim {
    guard let overlap = plan.overlap else { return blockSteps * Dim(rows) }
    return elements(overlap) * overlap.length(rows: Dim(rows))
  }

  func height(of band: Dim) -> Dim {
    guard let tall = tallBands else {
      return Dim.minimum(Dim(rows), rowExtent - firstRow(of: band))
    }
    if Dim(tall) == bands { return Dim(rows) }
    return Dim(rows) - Dim.minimum(Dim.maximum(band - Dim(tall - 1), 0), 1)
  }

  func firstRow(of band: Dim) -> Dim {
    let first = band * Dim(rows)
    guard let tall = tallBands, tall != bands.constant else { return first }
    return first - Dim.maximum(band - Dim(tall), 0)
  }

  /// About 64 multiply-adds in a nanosecond for vectors, one for scalars.
  var cost: Dim {
    let points = (stage.axes + stage.reduced).reduce(Dim(1)) { $0 * group.axes[$1] }
    return points.quotient(dividingBy: Dim(lanes == 1 ? 1 : 64))
  }

  // MARK: - Loops over tiles

  mutating func statements() -> [Statement] {
    if let winograd = plan.winograd { return winogradStatements(winograd) }
    if plan.parts > 1 { return splitStatements() }
    if plan.sharesPanels { return sharedStatements() }
    let lower = newAxis()
    let upper = newAxis()
    let inPanel = tilesPerPanel
    // Where the reduction is cut, the sums of so many tiles wait for the next block.
    var run = inPanel.constant.map { Dim(max(1, $0)) } ?? Dim.maximum(inPanel, 1)
    var runs = Dim(1)
    if plan.blocks != nil {
      let most = inPanel.constant.map { n in
        let runs = max(1, (n + Self.waitingTiles - 1) / Self.waitingTiles)
        return max(1, (n + runs - 1) / runs)
      }
      run = Dim(most ?? Self.waitingTiles)
      runs = inPanel.divided(by: run.constant!)
      tileMemory = temporary(
        stage.combiner!.accumulator(stage.dtype), run * Dim(rows * plan.width), "tiles")
    }
    let body = block { schedule in
      if schedule.panelCount == 1, runs == 1 {
        schedule.emitRun(panel: 0, first: 0, from: .axis(lower), to: .axis(upper))
        return
      }
      let segment = schedule.newAxis()
      schedule.loop(
        segment, from: Dim.axis(lower).quotient(dividingBy: run),
        to: (Dim.axis(upper) + run - 1).quotient(dividingBy: run)
      ) { schedule in
        let panel = schedule.newAxis()
        let block = schedule.newAxis()
        schedule.take(
          .axis(segment),
          apart: schedule.plan.outer.map { ($0, schedule.group.axes[$0]) } + [
            (panel, schedule.panels), (block, runs),
          ])
        let first = runs == 1 ? Dim(0) : .axis(block) * run
        let from = schedule.newAxis()
        let to = schedule.newAxis()
        let start = Dim.axis(segment) * run
        var end = Dim.minimum(.axis(upper) - start, run)
        if runs != 1 { end = Dim.minimum(end, inPanel - first) }
        schedule.b.append(.bind(from, Dim.maximum(.axis(lower) - start, 0)))
        schedule.b.append(.bind(to, end))
        schedule.emitRun(
          panel: schedule.panels == 1 ? 0 : .axis(panel), first: first, from: .axis(from),
          to: .axis(to))
      }
    }
    let count = runs == 1 ? panelCount * inPanel : panelCount * runs * run
    return [
      .parallel(
        Statement.Parallel(lower: lower, upper: upper, count: count, cost: cost, body))
    ]
  }

  private static let waitingTiles = 128

  /// Tiles `first + from ..< first + to` of a panel.
  private mutating func emitRun(panel: Dim, first: Dim, from: Dim, to: Dim) {
    let tile = newAxis()
    guard plan.blocks != nil, let memory = tileMemory else {
      if plan.preparesPanels {
        panelPlace = (outerPosition * panels + panel) * panelSize
      } else if plan.copiesInPassing {
        copyingTile = (.axis(tile), from)
      } else {
        emitPacking(panel: panel)
      }
      loop(tile, from: from, to: to) { schedule in
        let band = schedule.bindTile(first + .axis(tile))
        schedule.emitRowPacking(band: band)
        schedule.emitTile(band: band, panel: panel, into: .results)
      }
      return
    }
    let size = Dim(rows * plan.width)
    emitBlocks { schedule, number in
      schedule.emitPacking(panel: panel)
      schedule.loop(tile, from: from, to: to) { schedule in
        let band = schedule.bindTile(first + .axis(tile))
        schedule.emitRowPacking(band: band)
        schedule.emitTile(
          band: band, panel: panel,
          into: .memory(memory, .axis(tile) * size, blocksBefore: number))
      }
    }
    loop(tile, from: from, to: to) { schedule in
      let band = schedule.bindTile(first + .axis(tile))
      schedule.emitFinish(band: band, panel: panel) { schedule, offset in
        schedule.b.define(
          schedule.buffers[memory].dtype, lanes: schedule.lanes,
          .load(Statement.Access(memory, .axis(tile) * size + offset)))
      }
    }
  }

  /// Takes the number of a tile within its panel apart, and gives its band.
  mutating func bindTile(_ number: Dim) -> Dim {
    let band = newAxis()
    take(number, apart: plan.inner.map { ($0, group.axes[$0]) } + [(band, bands)])
    return bands == 1 ? 0 : .axis(band)
  }

  /// Binds the axes whose number this is, the last one running fastest.
  mutating func take(_ number: Dim, apart parts: [(axis: Int, extent: Dim)]) {
    let parts = parts.filter { $0.extent != 1 }
    var left = number
    for (k, part) in parts.enumerated().reversed() {
      guard k > 0 else {
        b.append(.bind(part.axis, left))
        return
      }
      let quotient = newAxis()
      b.append(.bind(quotient, left.quotient(dividingBy: part.extent)))
      b.append(.bind(part.axis, left - .axis(quotient) * part.extent))
      left = .axis(quotient)
    }
  }
}

extension Dim {
  /// The quotient rounded up.
  func divided(by n: Int) -> Dim { (self + Dim(n - 1)).quotient(dividingBy: Dim(n)) }
}
