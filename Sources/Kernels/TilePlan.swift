internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// What a tile schedule decides before there is a loop: the axes of the tile and its size, what is
/// copied to where vectors lie together, and how the reduced axes are cut.
struct TilePlan {
  /// One of the two factors whose products are summed, computed from some of the reads.
  struct Factor {
    /// One result; its operands keep the numbers of the stage's reads.
    var program: ScalarProgram
    var reads: [Int]
    var axes: Set<Int>
    var isGuarded: Bool
    /// Whether it is an element of memory as it is.
    var isPlain: Bool
  }

  /// The axis that vectors run along, and that of the tile's rows.
  var vectorAxis: Int?
  var rowAxis: Int?
  /// The result's other axes: those that tell panels apart, and those whose tiles share a panel.
  var outer: [Int] = []
  var inner: [Int] = []
  var lanes = 1
  /// The rows of a tile, and its vectors in each row.
  var rows = 1
  var columns = 1
  /// The two factors, when the reduction sums products.
  var factors: [Factor] = []
  /// The factor that the rows of a tile share, and the one that its columns share.
  var columnFactor: Int?
  var rowFactor: Int?
  /// Whether a factor is computed once into contiguous memory: a panel of columns for all tiles below
  /// one another, the rows of a tile before its steps.
  var packsColumns = false
  var packsRows = false
  /// Whether memory has the rows of a step side by side, and the steps far apart.
  var rowsAreSideBySide = false
  /// Whether the first tile of a panel copies it while it is computed.
  var copiesInPassing = false
  /// The copied rows of a tile as they overlap, for windows that move along the rows.
  var overlap: RowOverlap?
  /// Whether all panels pass by a run of rows, rather than all rows by each panel. Copied panels are then
  /// copied first, for all workers, unless the reduction is cut.
  var sharesPanels = false
  /// The tiles of a panel that pass together where panels are shared: whose rows are copied together, or
  /// whose sums wait.
  var run = 1
  /// Whether a run is of panels instead, and all rows pass by each.
  var runsOfPanels = false
  /// Whether panels are copied by a kernel of its own, once for several runs of this one.
  var preparesPanels = false
  /// Whether the panel is read across its vectors.
  var isTransposed = false
  var blocks: ReductionBlocks?
  /// The tiles of a convolution that takes fewer multiplications: then `columns` are those of the result,
  /// and nothing else is decided here.
  var winograd: Winograd?
  /// How many parts of the reduction are summed apart, for results too small to be shared out;
  /// 1 for none.
  var parts = 1

  var width: Int { columns * lanes }

  /// - Parameter fixed: the buffers that hold the same in each of several runs.
  init(_ group: FusionGroup, anchor: Int, machine: Machine, fixed: Set<Int>) {
    let stage = group.stages[anchor]
    factors = Self.factors(of: stage)
    if let found = Winograd(group, anchor: anchor, machine: machine) {
      winograd = found
      vectorAxis = found.column
      rowAxis = found.isForWindows ? found.channel : found.sides[1].point
      lanes = Winograd.lanes
      columns = found.paddedColumns(group) / lanes
      return
    }
    chooseAxes(group, stage)
    columnFactor = factors.indices.first { varies($0, vectorAxis) && !varies($0, rowAxis) }
    rowFactor = factors.indices.first { varies($0, rowAxis) && !varies($0, vectorAxis) }
    // Rows pay where they share vectors.
    if columnFactor == nil { rowAxis = nil }
    let others = stage.axes.filter { $0 != vectorAxis && $0 != rowAxis }
    let own = columnFactor.map { factors[$0].axes } ?? []
    outer = others.filter(own.contains)
    inner = others.filter { !own.contains($0) }
    rowsAreSideBySide = hasRowsSideBySide(stage)
    chooseSize(group, stage, machine)
    chooseBlocks(group, stage, machine)
    choosePacking(group, stage, machine, fixed)
  }

  private func varies(_ factor: Int, _ axis: Int?) -> Bool {
    axis.map { factors[factor].axes.contains($0) } ?? false
  }

  static func factors(of stage: FusionGroup.Stage) -> [Factor] {
    guard stage.combiner == .sum, let pair = stage.body.factors(stage.dtype.computeType) else {
      return []
    }
    return pair.results.map { result in
      var program = pair
      program.results = [result]
      program = program.withoutDeadCode()
      var reads: Set<Int> = []
      var axes: Set<Int> = []
      for i in program.instructions {
        if case .operand(let n) = i.op { reads.insert(n) }
        if case .index(let d) = i.op { axes.formUnion(d.axes) }
      }
      var isGuarded = false
      var isPlain = program.instructions.count == 1 && reads.count == 1
      // Reads come after those that their indices use.
      for n in stage.reads.indices.reversed() where reads.contains(n) {
        guard case .memory(_, let index, let guards, _) = stage.reads[n] else { continue }
        reads.formUnion(index.loadedReads)
        axes.formUnion(guards.reduce(index.axes) { $0.union($1.axes) })
        isGuarded = isGuarded || !guards.isEmpty
        isPlain = isPlain && index.loadedReads.isEmpty
      }
      return Factor(
        program: program, reads: reads.sorted(), axes: axes, isGuarded: isGuarded,
        isPlain: isPlain && !isGuarded)
    }
  }

  // MARK: - Axes

  private mutating func chooseAxes(_ group: FusionGroup, _ stage: FusionGroup.Stage) {
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
    let vector = stage.axes.max { score($0) < score($1) }.flatMap { score($0) > -100 ? $0 : nil }
    vectorAxis = vector
    lanes = vector.map { group.lanes(along: $0) } ?? 1
    guard let vector else { return }

    // Rows share the vectors of the factors that do not have their axis; of several such axes, one
    // that fills tiles, then the one along which memory lies closest.
    func reuse(_ axis: Int) -> Int {
      var total = 0
      for factor in factors where !factor.axes.contains(axis) {
        total += factor.axes.contains(vector) ? 4 : 1
      }
      let n = max(1, group.axes[axis].estimate)
      let filled = n * 8 / ((n + 5) / 6 * 6)
      return total * 16 + min(filled, 6)
    }
    func distance(_ axis: Int) -> Int {
      var total = 0
      for case .memory(_, let index, _, _) in stage.reads {
        total += abs((index.linear(in: axis)?.coefficient ?? 64).estimate)
      }
      return total
    }
    rowAxis = stage.axes.filter { $0 != vector }
      .max { (reuse($0), -distance($0)) < (reuse($1), -distance($1)) }
  }

  // MARK: - Size

  /// The tile that takes the fewest cycles by a model of a core: two multiply-adds and two loads a cycle,
  /// and four cycles from one multiply-add to the next on the same accumulator.
  private mutating func chooseSize(
    _ group: FusionGroup, _ stage: FusionGroup.Stage, _ machine: Machine
  ) {
    guard let vectorAxis else { return }
    let registersPerVector = max(
      1, lanes * stage.dtype.computeType.byteCount / machine.vectorBytes)
    let vectors = max(1, (group.axes[vectorAxis].estimate + lanes - 1) / lanes)
    guard rowFactor != nil || columnFactor != nil, let rowAxis else {
      columns = min(4, vectors)
      return
    }
    if rowFactor == nil {
      columns = min(2, vectors)
      let height = max(1, group.axes[rowAxis].estimate)
      let bands = (height + 3) / 4
      rows = group.axes[rowAxis].constant == nil ? 4 : (height + bands - 1) / bands
      return
    }
    let height = max(1, group.axes[rowAxis].estimate)
    let isSized = group.axes[rowAxis].constant != nil
    let others = (outer + inner).reduce(1) { $0 * max(1, group.axes[$1].estimate) }
    let crowd = rowsWithoutConflict(group, stage, rowAxis)
    var best = Double.infinity
    for width in [1, 2, 3, 4, 5, 6, 8, 12, 16] where width <= max(vectors, 1) {
      let taken = width * registersPerVector
      // A single row takes its vectors straight from memory.
      let beside = isSized && height == 1 ? 2 : taken + max(1, machine.vectorRegisters / 10)
      let most = min(12, 28 / width, (machine.vectorRegisters - beside) / taken, height)
      guard most >= 1, width <= 4 || isSized && height <= 3 else { continue }
      let panels = (vectors + width - 1) / width
      let balanced = (vectors + panels - 1) / panels
      let bands = (height + most - 1) / most
      let tall = (height + bands - 1) / bands
      let arithmetic = Double(tall * balanced * registersPerVector) / 2
      let loads = Double(tall + balanced * registersPerVector) / 2
      // Loads take their share, and each row is a stream of its own to the caches and the pages unless
      // rows lie side by side.
      let streams = rowsAreSideBySide ? 1 : tall
      var step = max(arithmetic, loads, 4) + 0.5 + 0.2 * loads + 0.08 * Double(streams)
      let tiles = panels * bands * others
      // Rows in the same set of the first cache drive each other out of it.
      if tall > crowd { step *= 1.1 }
      let cycles = step * Double(tiles) / Double(min(tiles, machine.cores))
      if cycles < best * 0.97 {
        best = cycles
        columns = balanced
        rows = isSized ? tall : most
      }
    }
  }

  /// How many rows may be read at a time before more than eight of their lines fall in one set of the
  /// first cache, whose lines repeat every 4096 bytes.
  private func rowsWithoutConflict(
    _ group: FusionGroup, _ stage: FusionGroup.Stage, _ rowAxis: Int
  ) -> Int {
    let ways = 8
    guard let f = rowFactor, factors[f].isPlain,
      case .memory(let buffer, let index, _, _) = stage.reads[factors[f].reads[0]],
      let stride = index.linear(in: rowAxis)?.coefficient.constant, stride > 0
    else { return Int.max }
    var (a, b) = (stride * group.buffers[buffer].dtype.byteCount, 4096)
    while b != 0 { (a, b) = (b, a % b) }
    return ways * (4096 / max(a, 64))
  }

  // MARK: - Blocks

  private mutating func chooseBlocks(
    _ group: FusionGroup, _ stage: FusionGroup.Stage, _ machine: Machine
  ) {
    guard rowFactor != nil, columnFactor != nil, let rowAxis, let vectorAxis else { return }
    let steps = stage.reduced.reduce(1) { $0 * max(1, group.axes[$1].estimate) }
    let bands = (group.axes[rowAxis].estimate + rows - 1) / rows
    let panels = (group.axes[vectorAxis].estimate + width - 1) / width
    let inPanel = inner.reduce(bands) { $0 * max(1, group.axes[$1].estimate) }
    let tiles = outer.reduce(inPanel * panels) { $0 * max(1, group.axes[$1].estimate) }
    let size = stage.dtype.computeType.byteCount
    // A quarter of the second cache for the block of a panel.
    var limit = max(64, machine.secondCacheBytes / 4 / (width * size))
    // Long sums are cut into parts where there are too few tiles to share out, or where each worker
    // would read all of an operand that no cache holds.
    let isFew = tiles < 4 * machine.cores && tiles * rows * columns * steps >= 1 << 16
    let panelBytes = steps * width * size
    let resultBytes = tiles * rows * width * size
    let isStreamed =
      tiles < 2 * machine.cores * inPanel && panelBytes >= 4 * machine.secondCacheBytes
      && 2 * Self.mostParts * resultBytes <= panelBytes
    if isFew || isStreamed, steps >= 2048 {
      limit = min(limit, max(64, steps / Self.mostParts))
      if let cut = ReductionBlocks(stage.reduced, group.axes, limit: limit) {
        blocks = cut
        parts = Self.mostParts
        return
      }
    }
    // Each step of rows side by side is on a page of its own: as many steps as their vectors fill half
    // of the first cache, so that the next tile finds the pages and what it needs of the lines.
    if rowsAreSideBySide { limit = max(64, machine.firstCacheBytes / 2 / (width * size)) }
    guard inPanel > 1, steps > (rowsAreSideBySide ? limit : 2 * limit) else { return }
    blocks = ReductionBlocks(stage.reduced, group.axes, limit: limit)
  }

  private func hasRowsSideBySide(_ stage: FusionGroup.Stage) -> Bool {
    guard let rowAxis, let f = rowFactor, factors[f].isPlain, let last = stage.reduced.last,
      case .memory(_, let index, _, _) = stage.reads[factors[f].reads[0]],
      index.linear(in: rowAxis)?.coefficient == 1
    else { return false }
    return (index.linear(in: last)?.coefficient ?? 0).estimate >= 16
  }

  /// Into how many sums a reduction is split: more than the workers of most machines, and few enough
  /// that adding them up is nothing.
  private static let mostParts = 16
}

extension Dim {
  /// A guess at the value, for decisions that hold for any: names stand for 64.
  var estimate: Int { constant ?? evaluated { if case .name = $0 { 64 } else { 0 } } ?? 64 }
}
