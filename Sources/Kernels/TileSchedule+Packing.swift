internal import GnomonIR
internal import GnomonTensors

// Panels: vectors of an operand copied to contiguous memory of each worker.
extension TileSchedule {
  /// The anchor's read whose vectors are worth copying: they do not lie together, or lie so far apart
  /// from one step to the next that they push each other out of the cache. A panel must serve several
  /// bands of rows to pay.
  func readToPack() -> Int? {
    guard let v = vectorAxis, let r = rowAxis, lanes > 1 else { return nil }
    if let m = group.axes[r].constant, m < 4 * rows { return nil }
    let stage = group.stages[anchor]
    let panel = stage.reduced.reduce(Dim(columns * lanes * stage.dtype.byteCount)) {
      $0 * group.axes[$1]
    }
    if let bytes = panel.constant, bytes > machine.secondCacheBytes / 2 { return nil }
    for (k, read) in stage.reads.enumerated() {
      guard case .memory(_, let index, let guards, _) = read, guards.isEmpty,
        index.loadedReads.isEmpty, index.axes.contains(v), !index.axes.contains(r)
      else { continue }
      if index.linear(in: v)?.coefficient != 1 { return k }
      // From 512 elements on, steps fall into few sets of the first cache.
      let far = stage.reduced.contains { axis in
        guard let step = index.linear(in: axis)?.coefficient else { return false }
        return (step.constant ?? 0) >= 512 && (group.axes[axis].constant ?? 64) >= 64
      }
      if far { return k }
    }
    return nil
  }

  /// Copies the panel when the first band of rows begins, or where this worker's share begins.
  mutating func emitPacking(band: Dim, panel: Dim, n: Dim, isFirst: Dim) {
    let copy = block { $0.emitPanel(panel: panel, n: n) }
    b.append(.conditional([.nonNegative(-band)], copy))
    b.append(.conditional([.nonNegative(isFirst), .nonNegative(band - 1)], copy))
  }

  mutating func emitPanel(panel: Dim, n: Dim) {
    guard let (read, buffer) = packed, let v = vectorAxis,
      case .memory(let source, let index, _, _) = group.stages[anchor].reads[read]
    else { return }
    let width = columns * lanes
    let isWhole = n.constant.map { $0 % width == 0 } ?? false
    let reduced = group.stages[anchor].reduced
    let dtype = buffers[source].dtype
    for j in 0..<columns {
      let column = panel * Dim(width) + Dim(j * lanes)
      func nest(_ schedule: inout TileSchedule, _ depth: Int) {
        guard depth < reduced.count else {
          let x = schedule.b.define(
            dtype, lanes: schedule.lanes,
            .load(
              Statement.Access(
                source, index, stride: index.linear(in: v)?.coefficient ?? 0,
                active: isWhole ? nil : Dim.minimum(n - .axis(v), Dim(schedule.lanes)))))
          schedule.b.append(
            .store(
              x,
              to: Statement.Access(buffer, schedule.step * Dim(width) + Dim(j * schedule.lanes))))
          return
        }
        let axis = reduced[depth]
        let inner = schedule.block { nest(&$0, depth + 1) }
        schedule.b.append(.loop(Statement.Loop(axis, to: schedule.group.axes[axis], inner)))
      }
      let copy = block { schedule in
        schedule.b.append(.bind(v, column))
        nest(&schedule, 0)
      }
      if isWhole {
        // The axis is bound within a block of its own.
        b.append(.conditional([.nonNegative(column)], copy))
      } else {
        b.append(.conditional([.nonNegative(n - column - 1)], copy))
      }
    }
  }

  /// The number of the open step among the reduced axes.
  var step: Dim {
    group.stages[anchor].reduced.reduce(Dim(0)) { $0 * group.axes[$1] + .axis($1) }
  }
}
