internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

// What is copied to where vectors lie together, and in which order tiles pass.
extension TilePlan {
  mutating func choosePacking(
    _ group: FusionGroup, _ stage: FusionGroup.Stage, _ machine: Machine, _ fixed: Set<Int>
  ) {
    guard let v = vectorAxis, lanes > 1, rowFactor != nil, let c = columnFactor, let rowAxis
    else { return }
    chooseRowPacking(group, stage, rowAxis)
    let bands = (group.axes[rowAxis].estimate + rows - 1) / rows
    defer {
      if isPrepared(c, group, stage, fixed) {
        (preparesPanels, packsColumns) = (true, true)
      } else {
        chooseOrder(group, stage, machine, rowAxis, v)
        // A copy takes about twice the time of a step of a tile: with many tiles to a panel it is nothing.
        copiesInPassing =
          packsColumns && !isTransposed && !sharesPanels && blocks == nil && parts == 1
          && factors[c].isPlain && rows >= 4
          && 4..<64 ~= inner.reduce(bands) { $0 * max(1, group.axes[$1].estimate) }
      }
    }
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
    packsColumns = rowsAreSideBySide && blocks != nil && inPanel >= 8
    // From 512 elements on, steps fall into few sets of the first cache, unless one begins where the
    // one before ended.
    var end = Dim(width)
    for axis in steps.reversed() {
      let step = index.linear(in: axis)?.coefficient ?? 0
      if step != end, step.estimate >= 512, group.axes[axis].estimate >= 64 {
        packsColumns = inPanel >= 8
      }
      end = step * group.axes[axis]
    }
  }

  /// Whether panels are the same in several runs, and memory does not have them side by side as they are.
  private func isPrepared(
    _ factor: Int, _ group: FusionGroup, _ stage: FusionGroup.Stage, _ fixed: Set<Int>
  ) -> Bool {
    guard blocks == nil, parts == 1, let v = vectorAxis, !factors[factor].reads.isEmpty else {
      return false
    }
    for n in factors[factor].reads {
      guard case .memory(let buffer, let index, _, _) = stage.reads[n], fixed.contains(buffer)
      else {
        return false
      }
      // A single panel of a whole matrix is itself.
      if factors[factor].isPlain, group.axes[v] == Dim(width), let step = stage.reduced.last,
        index.linear(in: v)?.coefficient == 1, index.linear(in: step)?.coefficient == Dim(width)
      {
        return false
      }
    }
    return true
  }

  private mutating func chooseRowPacking(
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
  }

  /// Whether all panels are copied first, and pass by rows. Copied rows are worth most when all panels
  /// use them: then blocks of rows fill a quarter of the second cache, as long as there are enough of
  /// them to share out, and panels that are large would leave the caches.
  private mutating func chooseOrder(
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
    guard panels > 1, units >= 4 * machine.cores else { return }
    if blocks != nil {
      // A worker's tiles all take the steps of a block before those of the next one: what it reads of
      // the rows then stays in the second cache, and a panel is copied once for many tiles. Their sums
      // are used so seldom that they may wait beyond that cache. Workers share out what is larger.
      guard rowsAreSideBySide, parts == 1 else { return }
      runsOfPanels = outer.isEmpty && panels * width > tiles * rows
      let (lines, across) = runsOfPanels ? (panels, tiles) : (units, panels)
      let waiting = across * width * rows * size
      run = min(
        2 * machine.secondCacheBytes / max(1, waiting), (lines + machine.cores - 1) / machine.cores)
      if runsOfPanels {
        sharesPanels = run >= 1
        return
      }
      sharesPanels = run >= 4
      return
    }
    if !packsRows {
      // Rows pass once, by all panels, where these stay in the second cache and rows and results do
      // not: results are then written in the order of memory, and rows read once.
      let passing = units * rows * (steps + panels * width) * size
      let isOrdered = outer.isEmpty && copiedBytes <= machine.secondCacheBytes / 2
      // Strips of a result that leaves the cache, one panel after the other, are lines of which parts are
      // written at different times: that is worth a copy of panels which are next to nothing.
      let result = units * rows * panels * width * size
      let copiesForOrder =
        isOrdered && columnFactor.map { factors[$0].isPlain } == true && parts == 1
        && result >= 4 * machine.secondCacheBytes && 8 * copiedBytes <= result
      packsColumns = packsColumns || copiesForOrder
      sharesPanels =
        (packsColumns || rowsAreSideBySide) && isOrdered && passing >= machine.secondCacheBytes
      if rowsAreSideBySide {
        // Tiles beside one another share lines.
        let beside = (machine.firstCacheBytes - width * steps * size) / max(1, rows * steps * size)
        run = max(1, min(beside, units / (4 * machine.cores)))
      }
      return
    }
    sharesPanels = copiedBytes <= 8 * machine.secondCacheBytes
    guard sharesPanels else { return }
    let bytes = steps * rows * size
    run = max(1, min(machine.secondCacheBytes / 4 / max(1, bytes), units / (2 * machine.cores)))
  }
}
