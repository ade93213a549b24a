internal import GnomonIR

/// What each stage is within rows: loops over `outer`, and for each of its points one or more passes
/// over `inner`. Stages are added one at a time, each in the time of its inputs.
struct RowRoles {
  enum Role: Equatable {
    /// A value for each point.
    case inner
    /// A value for each row, computed between passes.
    case row
    /// Joins a row's points to a value for the row.
    case rowReduction
    /// Joins the rows to a value for each column; or everything to one value.
    case columnReduction
    /// Computed after all rows are done: depends on a column reduction.
    case after
  }

  let outer: AxisSet
  let inner: AxisSet
  /// Axes whose points are written out, so that each is a stage of its own.
  let unrolled: AxisSet
  /// Whether slow loops are refused, since several kernels would be faster.
  let isStrict: Bool
  /// Whether there is one row only and it is long: in several passes it would run on one thread.
  private let isLongRow: Bool

  private(set) var roles: [Role] = []
  /// Stages that are the same for every row: they may be computed again after the rows.
  private var isRowless: [Bool] = []
  /// The axes of each stage that are loops.
  private var ownAxes: [AxisSet] = []
  /// Stages that follow from a reduction.
  private var isFollowing: [Bool] = []
  /// Stages that take a pass over the row before theirs.
  private var isLater: [Bool] = []

  init(
    outer: AxisSet, inner: AxisSet, unrolled: AxisSet = [], isLongRow: Bool = false,
    isStrict: Bool = false
  ) {
    self.outer = outer
    self.inner = inner
    self.unrolled = unrolled
    self.isLongRow = isLongRow
    self.isStrict = isStrict
  }

  /// The roles of all stages, or nil if one of them fits none.
  init?(_ stages: [GroupOutline.Stage], _ start: RowRoles) {
    self = start
    for stage in stages where !append(stage) { return nil }
  }

  /// Adds a stage that reads earlier ones; false, and nothing is added, if it fits no role.
  mutating func append(_ stage: GroupOutline.Stage) -> Bool {
    guard let role = role(of: stage) else { return false }
    let later = stage.inputs.contains { roles[$0] == .rowReduction || isLater[$0] }
    let follows = stage.inputs.contains { isFollowing[$0] }
    if isStrict {
      if isSlow(stage) || isLongRow && later && (role == .inner || role == .rowReduction) {
        return false
      }
      if stage.isWritten && !isMadeOnce(stage, role, follows: follows) { return false }
    }
    roles.append(role)
    ownAxes.append(stage.axes.subtracting(unrolled))
    isLater.append(later)
    isFollowing.append(follows || stage.combiner != nil)
    isRowless.append(
      role != .rowReduction && role != .columnReduction
        && stage.axes.subtracting(unrolled).isDisjoint(with: outer)
        && stage.inputs.allSatisfy { isRowless[$0] })
    return true
  }

  /// Takes back the last stage.
  mutating func removeLast() {
    roles.removeLast()
    ownAxes.removeLast()
    isLater.removeLast()
    isFollowing.removeLast()
    isRowless.removeLast()
  }

  /// Whether a value that is written is computed once. One without some axis of the outer loops would be
  /// made again in each of their turns: the update of a small parameter within the rows of a large
  /// one; and a variable updated in place would be read again after it was written.
  private func isMadeOnce(_ stage: GroupOutline.Stage, _ role: Role, follows: Bool) -> Bool {
    // A single row may be cut into parts for several threads.
    let loops = outer.isEmpty ? inner : outer
    // What follows from a reduction is computed when that is whole.
    return stage.combiner != nil || loops.isSubset(of: stage.axes) || role == .after
      || role == .row && follows
  }

  /// Whether vectors along the row would step over memory.
  private func isSlow(_ stage: GroupOutline.Stage) -> Bool {
    let axes = stage.axes.union(stage.reduced)
    guard let fast = stage.fast, !unrolled.contains(fast), !inner.contains(fast) else {
      return false
    }
    return inner.isEmpty || !axes.isDisjoint(with: inner)
  }

  private func role(of stage: GroupOutline.Stage) -> Role? {
    let axes = stage.axes.subtracting(unrolled)
    let reduced = stage.reduced.subtracting(unrolled)
    if let combiner = stage.combiner, combiner.isArgument, reduced != stage.reduced { return nil }
    let combiner = reduced.isEmpty ? nil : stage.combiner
    let isLate = stage.inputs.contains { roles[$0] == .columnReduction || roles[$0] == .after }
    if isLate {
      // Everything it reads from the group must be known by then.
      // Values along columns are swept once for each set of axes.
      let isKnown = stage.inputs.allSatisfy {
        roles[$0] == .columnReduction || roles[$0] == .after
          ? ownAxes[$0].isEmpty || ownAxes[$0] == axes : isRowless[$0]
      }
      return isKnown && combiner == nil && axes.isSubset(of: inner) ? .after : nil
    }
    guard let combiner else { return axes.isDisjoint(with: inner) ? .row : .inner }
    // A value that is the same for several rows would be computed, and written, by each of them.
    if reduced == inner, axes == outer { return .rowReduction }
    if !combiner.isArgument, !outer.isEmpty, reduced.isSuperset(of: outer),
      axes.isSubset(of: inner), reduced == outer || reduced == outer.union(inner)
    {
      return .columnReduction
    }
    return nil
  }
}
