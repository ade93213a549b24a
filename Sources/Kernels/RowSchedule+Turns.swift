internal import GnomonIR
internal import GnomonTensors

extension RowSchedule {
  /// How many rows take turns: as many as keep their sums in a third of the registers; four of those
  /// that are only added up.
  private var rowsAtOnce: Int {
    if addsRows { return 4 }
    guard sharesReads, machine.vectorBytes >= lanes * 4 else { return 1 }
    let sums = stages(.rowReduction).reduce(0) {
      $0 + (group.stages[$1].combiner!.isArgument ? 2 : 1)
    }
    return sums <= 3 ? 4 : sums <= 6 ? 2 : 1
  }

  /// Whether most of what a row reads along itself is the same for all rows, as in a sum over all pairs:
  /// then several rows are computed side by side, where vectors fill registers.
  var sharesReads: Bool {
    guard lanes > 1, shortRow == nil, let last = outer.last, !inner.isEmpty, plan.scratch.isEmpty,
      stages(.columnReduction).isEmpty, !stages(.rowReduction).isEmpty
    else { return false }
    let inside = Set(inner)
    var (shared, own) = (0, 0)
    for stage in group.stages {
      for case .memory(_, let index, let guards, _) in stage.reads {
        let axes = guards.reduce(index.axes) { $0.union($1.axes) }
        if axes.isDisjoint(with: inside) { continue }
        if axes.contains(last) || !index.loadedReads.isEmpty { own += 1 } else { shared += 1 }
      }
    }
    return shared > 0 && own * 2 <= shared
  }

  /// Whether rows are only added up, element by element: then each sum is loaded and stored once for
  /// several rows.
  private var addsRows: Bool {
    let columns = stages(.columnReduction)
    guard 1...2 ~= columns.count, stages(.rowReduction).isEmpty, lanes > 1, shortRow == nil,
      !inner.isEmpty, plan.passCount == 1, plan.scratch.isEmpty, plan.computed[0].isEmpty
    else { return false }
    return columns.allSatisfy {
      !group.stages[$0].combiner!.isArgument && isWithinPass($0) && whole[$0] == nil
    }
  }

  /// The loop over rows, the last outer axis.
  mutating func emitRows(along axis: Int, from: Dim, to: Dim) {
    let row = block { $0.emitRow() }
    let single = Statement.loop(Statement.Loop(axis, from: from, to: to, row))
    let count = rowsAtOnce
    guard count > 1,
      let rows = RowJam.rows(
        count, along: axis, row, buffers: buffers, in: &b)
    else {
      b.append(single)
      return
    }
    let end = newAxis()
    b.append(.bind(end, from + (to - from).quotient(dividingBy: Dim(count)) * Dim(count)))
    b.append(.loop(Statement.Loop(axis, from: from, to: .axis(end), step: count, rows)))
    b.append(.loop(Statement.Loop(axis, from: .axis(end), to: to, row)))
  }
}
