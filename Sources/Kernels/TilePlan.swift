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
  /// Whether the copied rows of a step lie side by side, rather than the steps of a row: how memory
  /// has them where the factor is read across.
  var rowsAreInner = false
  /// The copied rows of a tile as they overlap, for windows that move along the rows.
  var overlap: RowOverlap?
  /// Whether all panels are copied first, for all workers, and pass by blocks of rows, rather than the
  /// rows by each panel.
  var sharesPanels = false
  /// The tiles whose rows are copied together where panels are shared.
  var run = 1
  /// Whether the panel is read across its vectors.
  var isTransposed = false
  var blocks: ReductionBlocks?
  /// How many parts of the reduction are summed apart, for results too small to be shared out;
  /// 1 for none.
  var parts = 1

  var width: Int { columns * lanes }

  init(_ group: FusionGroup, anchor: Int, machine: Machine) {
    let stage = group.stages[anchor]
    factors = Self.factors(of: stage)
    chooseAxes(group, stage)
    columnFactor = factors.indices.first { varies($0, vectorAxis) && !varies($0, rowAxis) }
    rowFactor = factors.indices.first { varies($0, rowAxis) && !varies($0, vectorAxis) }
    // Rows pay where they share vectors.
    if columnFactor == nil { rowAxis = nil }
    let others = stage.axes.filter { $0 != vectorAxis && $0 != rowAxis }
    let own = columnFactor.map { factors[$0].axes } ?? []
    outer = others.filter(own.contains)
    inner = others.filter { !own.contains($0) }
    chooseSize(group, stage, machine)
    chooseBlocks(group, stage, machine)
    choosePacking(group, stage, machine)
  }

  private func varies(_ factor: Int, _ axis: Int?) -> Bool {
    axis.map { factors[factor].axes.contains($0) } ?? false
  }

  private static func factors(of stage: FusionGroup.Stage) -> [Factor] {
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
      let beside = isSized && height == 1 ? 2 : taken + 1
      let most = min(12, 28 / width, (machine.vectorRegisters - beside) / taken, height)
      guard most >= 1, width <= 4 || isSized && height <= 3 else { continue }
      let panels = (vectors + width - 1) / width
      let balanced = (vectors + panels - 1) / panels
      let bands = (height + most - 1) / most
      let tall = (height + bands - 1) / bands
      let arithmetic = Double(tall * balanced * registersPerVector) / 2
      let loads = Double(tall + balanced * registersPerVector) / 2
      // Each row is a stream of its own to the caches and the pages, a row of vectors is one.
      var step = max(arithmetic, loads, 4) + 0.5 + 0.08 * Double(tall)
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
    guard inPanel > 1, steps > 2 * limit else { return }
    blocks = ReductionBlocks(stage.reduced, group.axes, limit: limit)
  }

  /// Into how many sums a reduction is split: more than the workers of most machines, and few enough
  /// that adding them up is nothing.
  private static let mostParts = 16

  // MARK: - Packing

  private mutating func choosePacking(
    _ group: FusionGroup, _ stage: FusionGroup.Stage, _ machine: Machine
  ) {
    guard let v = vectorAxis, lanes > 1, rowFactor != nil, let c = columnFactor, let rowAxis
    else { return }
    chooseRowPacking(group, stage, rowAxis)
    defer { chooseOrder(group, stage, machine, rowAxis, v) }
    let bands = (group.axes[rowAxis].estimate + rows - 1) / rows
    let inPanel = inner.reduce(bands) { $0 * max(1, group.axes[$1].estimate) }
    let factor = factors[c]
    let steps = blocks?.inner ?? stage.reduced
    if !factor.isPlain {
      packsColumns = inPanel > 1
      return
    }
    guard case .memory(let buffer, let index, _, _) = stage.reads[factor.reads[0]] else { return }
    if index.linear(in: v)?.coefficient != 1 {
      let bytes = group.buffers[buffer].dtype.byteCount
      isTransposed =
        bytes * lanes == 64
        && steps.contains {
          index.linear(in: $0)?.coefficient == 1 && group.axes[$0].estimate >= lanes
        }
      packsColumns = isTransposed || inPanel > 1
      return
    }
    // From 512 elements on, steps fall into few sets of the first cache, unless one begins where the
    // one before ended.
    var end = Dim(width)
    packsColumns = false
    for axis in steps.reversed() {
      let step = index.linear(in: axis)?.coefficient ?? 0
      if step != end, step.estimate >= 512, group.axes[axis].estimate >= 64 {
        packsColumns = inPanel >= 4
      }
      end = step * group.axes[axis]
    }
  }
}

extension TilePlan {
  fileprivate mutating func chooseRowPacking(
    _ group: FusionGroup, _ stage: FusionGroup.Stage, _ rowAxis: Int
  ) {
    let factor = factors[rowFactor!]
    let steps = blocks?.inner ?? stage.reduced
    packsRows = !factor.isPlain
    if packsRows {
      for axis in steps.dropLast() where axis != blocks?.cut?.axis && overlap == nil {
        overlap = RowOverlap(factor, stage, group, along: axis, rowAxis)
      }
    }
    guard factor.isPlain, let last = steps.last,
      case .memory(_, let index, _, _) = stage.reads[factor.reads[0]],
      index.linear(in: rowAxis)?.coefficient == 1
    else { return }
    // A step to another cache line each time, whose other elements are for other rows.
    let distance = (index.linear(in: last)?.coefficient ?? 0).estimate
    rowsAreInner = distance >= 256 && group.axes[last].estimate >= 16
    packsRows = rowsAreInner
  }

  /// Whether all panels are copied first, and pass by rows. Copied rows are worth most when all panels use them: then blocks of rows fill a quarter of the second
  /// cache, as long as there are enough of them to share out, and panels that are large would leave the caches.
  fileprivate mutating func chooseOrder(
    _ group: FusionGroup, _ stage: FusionGroup.Stage, _ machine: Machine, _ rowAxis: Int, _ v: Int
  ) {
    let bands = (group.axes[rowAxis].estimate + rows - 1) / rows
    let panels = (group.axes[v].estimate + width - 1) / width
    let tiles = inner.reduce(bands) { $0 * max(1, group.axes[$1].estimate) }
    let units = outer.reduce(tiles) { $0 * max(1, group.axes[$1].estimate) }
    let steps = stage.reduced.reduce(1) { $0 * max(1, group.axes[$1].estimate) }
    let copied = outer.reduce(panels * width * steps) { $0 * max(1, group.axes[$1].estimate) }
    let size = stage.dtype.computeType.byteCount
    let copiedBytes = copied * size
    guard blocks == nil, panels > 1, units >= 4 * machine.cores else { return }
    if !packsRows {
      // Rows pass once, by all panels, where these stay in the second cache and rows and results do
      // not: results are then written in the order of memory, and rows read once.
      let passing = units * rows * (steps + panels * width) * size
      sharesPanels =
        packsColumns && outer.isEmpty && copiedBytes <= machine.secondCacheBytes / 2
        && passing >= machine.secondCacheBytes
      return
    }
    sharesPanels = copiedBytes <= 8 * machine.secondCacheBytes
    guard sharesPanels else { return }
    let bytes = steps * rows * size
    run = max(1, min(machine.secondCacheBytes / 4 / max(1, bytes), units / (2 * machine.cores)))
  }
}

/// What the rows of a tile have in common where the place of an element depends on the sum of row and
/// step, or on their difference, as in a convolution along the rows: it is copied once.
struct RowOverlap {
  /// The reduced axis.
  var axis: Int
  private var steps: Int
  private var isDifference: Bool

  /// Nil where a read of the factor depends on the two axes in another way.
  init?(
    _ factor: TilePlan.Factor, _ stage: FusionGroup.Stage, _ group: FusionGroup, along axis: Int,
    _ rowAxis: Int
  ) {
    guard let steps = group.axes[axis].constant, steps > 1 else { return nil }
    let formulas = factor.program.instructions.compactMap {
      if case .index(let d) = $0.op { d } else { nil }
    }
    func moves(by step: Int) -> Bool {
      func isSame(_ d: Dim) -> Bool { d.shifted(rowAxis, by: 1) == d.shifted(axis, by: step) }
      return formulas.allSatisfy(isSame)
        && factor.reads.allSatisfy {
          guard case .memory(_, let index, let guards, _) = stage.reads[$0] else { return false }
          return isSame(index)
            && guards.allSatisfy {
              $0.mapped { $0.shifted(rowAxis, by: 1) } == $0.mapped { $0.shifted(axis, by: step) }
            }
        }
    }
    if moves(by: 1) {
      isDifference = false
    } else if moves(by: -1) {
      isDifference = true
    } else {
      return nil
    }
    self.axis = axis
    self.steps = steps
  }

  /// The elements that so many rows have along the axis.
  func length(rows: Dim) -> Dim { rows + Dim(steps - 1) }

  /// The element of a row at a step.
  func element(row: Dim, step: Dim) -> Dim {
    isDifference ? row + Dim(steps - 1) - step : row + step
  }

  /// The row, which may lie outside the tile, whose first step has the element.
  func row(of element: Dim) -> Dim { isDifference ? element - Dim(steps - 1) : element }
}

/// A cut of the reduced axes: an outer loop over blocks, and the steps within one.
struct ReductionBlocks {
  /// The axes that are fixed within a block.
  var outer: [Int]
  /// The axis that is cut into pieces, if one is, and their length.
  var cut: (axis: Int, length: Int)?
  /// The axes that run within a block; the first may be the one that is cut.
  var inner: [Int]
  /// The number of blocks.
  var count: Dim

  /// Blocks of at most about `limit` steps; nil when all steps fit into one.
  init?(_ reduced: [Int], _ extents: [Dim], limit: Int) {
    var whole = 1
    var first = reduced.count
    while first > 0, whole * max(1, extents[reduced[first - 1]].estimate) <= limit {
      first -= 1
      whole *= max(1, extents[reduced[first]].estimate)
    }
    guard first > 0 else { return nil }
    let extent = extents[reduced[first - 1]]
    inner = Array(reduced[first...])
    let length = limit / whole
    if length >= 2 {
      let pieces = (extent.estimate + length - 1) / length
      let even = (extent.estimate + pieces - 1) / pieces
      cut = (reduced[first - 1], even)
      inner.insert(reduced[first - 1], at: 0)
      first -= 1
      count = (extent + Dim(even - 1)).quotient(dividingBy: Dim(even))
    } else {
      count = 1
    }
    outer = Array(reduced[..<first])
    count = outer.reduce(count) { $0 * extents[$1] }
    // A sum over nothing still has its one, empty block.
    count = Dim.maximum(count, 1)
  }
}

extension Dim {
  /// A guess at the value, for decisions that hold for any: names stand for 64.
  var estimate: Int { constant ?? evaluated { if case .name = $0 { 64 } else { 0 } } ?? 64 }
}
