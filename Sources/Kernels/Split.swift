internal import GnomonIR
internal import GnomonTensors

/// How a group's axes become loops: the outline of its schedule.
enum Split: Equatable {
  /// Loops over `outer`; for each of its points one or more passes over `inner`. A reduction joins
  /// either all of `inner` (a value for each row), all of `outer` (a value for each column), or both.
  case rows(outer: [Int], inner: [Int], roles: [RowRoles.Role])
  /// One reduction whose result varies along axes that its operands do not share: a register tile,
  /// with the other stages as its epilogue.
  case tile(anchor: Int)
  /// Each computation writes a box of a result, one after the other.
  case boxes
  /// Short axes are written out; what is left is split again.
  case unrolled(AxisSet)

  /// What a group can be, or nil.
  ///
  /// - Parameter mustFit: whether a reduction that would rather have a tile may do without: a group
  ///   that is one instruction has to run somehow.
  static func of(_ group: GroupOutline, mustFit: Bool = false) -> Split? {
    let stages = group.stages
    if stages.contains(where: \.isBox) {
      return Set(stages.map(\.instruction)).count == 1 ? .boxes : nil
    }
    if stages.contains(where: \.needsTile) {
      if let anchor = anchor(group) { return .tile(anchor: anchor) }
      if !mustFit { return nil }
    }
    func inOrder(_ set: AxisSet) -> [Int] { group.order.filter(set.contains) }
    // Prefer inner loops over the axes that memory runs through last.
    func contiguity(_ c: RowRoles) -> Int {
      inOrder(c.inner).last.map { $0 == group.order.last ? 1 : 0 } ?? 0
    }
    let strict = rows(group, isStrict: true)
    let candidates = strict.isEmpty ? rows(group, isStrict: false) : strict
    let plain = candidates.filter(\.unrolled.isEmpty)
    let written = candidates.first { !$0.unrolled.isEmpty }
    if let best = plain.max(by: { contiguity($0) < contiguity($1) }) {
      // A row of a few points fills no vector.
      if let written, written.unrolled.isSuperset(of: best.inner),
        !written.unrolled.isSuperset(of: best.outer),
        group.points(best.inner).map({ $0 <= UnrolledGroup.shortRow }) == true
      {
        return .unrolled(written.unrolled)
      }
      // Partial sums of a few rows would be as large as the rows.
      if let written, written.unrolled.isSuperset(of: best.outer),
        !written.unrolled.isSuperset(of: best.inner), best.roles.contains(.columnReduction),
        let rows = group.points(best.outer), rows * stages.count <= 32,
        group.points(best.inner).map({ $0 >= RowSchedule.block }) == true
      {
        return .unrolled(written.unrolled)
      }
      return .rows(outer: inOrder(best.outer), inner: inOrder(best.inner), roles: best.roles)
    }
    return written.map { .unrolled($0.unrolled) }
  }

  /// The stage that a tile is for, if the group is a tile with its epilogue.
  static func anchor(_ group: GroupOutline) -> Int? {
    let tiled = group.stages.indices.filter { group.stages[$0].needsTile }
    // The anchor reads memory only: its operands are whole before it starts.
    guard tiled.count == 1, group.stages[tiled[0]].inputs.isEmpty else { return nil }
    for (i, stage) in group.stages.enumerated() where i != tiled[0] {
      guard stage.combiner == nil, stage.axes.isSubset(of: group.stages[tiled[0]].axes) else {
        return nil
      }
    }
    return tiled[0]
  }

  /// The ways in which all stages fit into rows: first those with all axes as loops.
  ///
  /// - Parameter isStrict: whether those that run slower than several kernels are left out.
  static func rows(_ group: GroupOutline, isStrict: Bool) -> [RowRoles] {
    let short = group.shortAxes
    return (short.isEmpty ? [[]] : [[], short]).flatMap { unrolled in
      innerAxes(group, unrolled).compactMap { inner in
        let outer = group.all.subtracting(unrolled).subtracting(inner)
        let isShort = group.points(inner).map { $0 <= 2 * RowSchedule.block } ?? false
        return RowRoles(
          group.stages,
          RowRoles(
            outer: outer, inner: inner, unrolled: unrolled,
            isLongRow: outer.isEmpty && !isShort, isStrict: isStrict))
      }
    }
  }

  /// The sets of inner axes worth trying: what some reduction joins, and what it does not.
  static func innerAxes(_ group: GroupOutline, _ unrolled: AxisSet) -> [AxisSet] {
    let all = group.all.subtracting(unrolled)
    var found: [AxisSet] = []
    for stage in group.stages where stage.combiner != nil {
      let reduced = stage.reduced.subtracting(unrolled)
      if reduced.isEmpty { continue }
      for inner in [reduced, all.subtracting(reduced)] where !found.contains(inner) {
        found.append(inner)
      }
    }
    if found.isEmpty {
      return [AxisSet(group.order.last { !unrolled.contains($0) }.map { [$0] } ?? [])]
    }
    if !found.contains(all) { found.append(all) }
    return found
  }
}
