internal import GnomonIR
internal import GnomonTensors

/// What splitting needs to know of a group, before and after its index expressions are flat.
struct GroupOutline {
  struct Stage {
    var axes: [Int]
    var reduced: [Int]
    var combiner: Combiner?
    /// The stages it reads.
    var inputs: [Int]
    /// Whether the reduction reuses its operands along several axes of the result, or reads windows.
    var needsTile: Bool
    var readsMemoryOnly: Bool
    var isBox: Bool
    var instruction: Int
  }
  /// The axes that are there, in the order in which memory runs through them.
  var axes: [Int]
  var stages: [Stage]
}

extension GroupAnalysis {
  var outline: GroupOutline {
    GroupOutline(
      axes: Array(axes.indices),
      stages: stages.map { stage in
        let inputs = stage.reads.compactMap { if case .stage(let s) = $0 { s } else { nil } }
        return GroupOutline.Stage(
          axes: stage.axes, reduced: stage.reduced,
          // Over axes of extent 1 nothing is combined.
          combiner: stage.reduced.isEmpty ? nil : stage.computation.combiner,
          inputs: inputs, needsTile: needsTile(stage),
          readsMemoryOnly: inputs.isEmpty, isBox: stage.computation.offset != nil,
          instruction: stage.instruction)
      })
  }
}

/// How a group's axes become loops: the outline of its schedule.
enum Split: Equatable {
  /// Loops over `outer`; for each of its points one or more passes over `inner`. A reduction joins
  /// either all of `inner` (a value for each row), all of `outer` (a value for each column), or both.
  case rows(outer: [Int], inner: [Int])
  /// One reduction whose result varies along axes that its operands do not share: a register tile,
  /// with the other stages as its epilogue.
  case tile(anchor: Int)
  /// Each computation writes a box of a result, one after the other.
  case boxes

  /// What a group can be, or nil.
  ///
  /// - Parameter mustFit: whether a reduction that would rather have a tile may do without: a group
  ///   that is one instruction has to run somehow.
  static func of(_ group: GroupOutline, mustFit: Bool = false) -> Split? {
    let stages = group.stages
    if stages.contains(where: \.isBox) {
      return Set(stages.map(\.instruction)).count == 1 ? .boxes : nil
    }
    let tiled = stages.indices.filter { stages[$0].needsTile }
    if !tiled.isEmpty {
      if let tile = tile(group, tiled) { return tile }
      if !mustFit { return nil }
    }
    let reductions = stages.filter { $0.combiner != nil }
    let all = Set(group.axes)
    if reductions.isEmpty {
      return .rows(outer: Array(group.axes.dropLast()), inner: Array(group.axes.suffix(1)))
    }
    func inOrder(_ set: Set<Int>) -> [Int] { group.axes.filter(set.contains) }
    var candidates: [[Int]] = []
    for r in reductions {
      let own = Set(r.reduced)
      for inner in [inOrder(own), inOrder(all.subtracting(own))] where !candidates.contains(inner) {
        candidates.append(inner)
      }
    }
    if !candidates.contains(group.axes) { candidates.append(group.axes) }
    // Prefer inner loops over the axes that memory runs through last.
    func contiguity(_ inner: [Int]) -> Int {
      !inner.isEmpty && inner.last == group.axes.last ? 1 : 0
    }
    for inner in candidates.sorted(by: { contiguity($0) > contiguity($1) }) {
      let outer = inOrder(all.subtracting(inner))
      if RowRoles(group, outer: Set(outer), inner: Set(inner)) != nil {
        return .rows(outer: outer, inner: inner)
      }
    }
    return nil
  }

  private static func tile(_ group: GroupOutline, _ tiled: [Int]) -> Split? {
    guard tiled.count == 1 else { return nil }
    let anchor = group.stages[tiled[0]]
    // The anchor reads memory only: its operands are whole before it starts.
    guard anchor.readsMemoryOnly else { return nil }
    let kept = Set(anchor.axes)
    for (i, stage) in group.stages.enumerated() where i != tiled[0] {
      guard stage.combiner == nil, Set(stage.axes).isSubset(of: kept) else { return nil }
    }
    return .tile(anchor: tiled[0])
  }
}

extension GroupAnalysis {
  /// Whether the reduction reuses its operands along several axes of the result, or reads windows.
  ///
  /// An operand that another stage makes counts as one from memory: a product of matrices stays one,
  /// and does not become rows that make the operand again for every column.
  func needsTile(_ stage: Stage) -> Bool {
    guard stage.computation.combiner != nil, !stage.reduced.isEmpty else { return false }
    var private_ = 0
    for source in stage.reads {
      let used: Set<Int>
      switch source {
      case .stage(let s): used = Set(stages[s].axes)
      case .memory(_, let indices, let guards, _):
        if !guards.isEmpty || indices.contains(where: { $0.axes.count > 1 }) { return true }
        used = indices.reduce(into: []) { $0.formUnion($1.axes) }
      }
      // A single number is no operand to reuse, be it in memory or a constant made in place.
      if !used.isEmpty, stage.axes.contains(where: { !used.contains($0) }) { private_ += 1 }
    }
    return private_ >= 2 && !stage.computation.combiner!.isArgument
  }
}

extension Combiner {
  var isArgument: Bool { self == .argumentMinimum || self == .argumentMaximum }
}

/// What each stage is within rows: nil where some stage fits no role.
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

  var roles: [Role] = []
  /// Stages that are the same for every row: they may be computed again after the rows.
  private var isRowless: [Bool] = []

  init?(_ group: GroupOutline, outer: Set<Int>, inner: Set<Int>) {
    for stage in group.stages {
      defer {
        isRowless.append(
          stage.combiner == nil && Set(stage.axes).isDisjoint(with: outer)
            && stage.inputs.allSatisfy { isRowless[$0] })
      }
      let late = stage.inputs.filter { roles[$0] == .columnReduction || roles[$0] == .after }
      let axes = Set(stage.axes)
      let reduced = Set(stage.reduced)
      if !late.isEmpty {
        // Everything it reads from the group must be known by then.
        // Values along columns are swept once for each set of axes.
        guard stage.inputs.allSatisfy({ late.contains($0) || isRowless[$0] }),
          late.allSatisfy({
            group.stages[$0].axes.isEmpty || Set(group.stages[$0].axes) == axes
          }),
          stage.combiner == nil, axes.isSubset(of: inner)
        else { return nil }
        roles.append(.after)
      } else if let combiner = stage.combiner {
        // A value that is the same for several rows would be computed, and written, by each of them.
        if !reduced.isEmpty, reduced == inner, axes == outer {
          roles.append(.rowReduction)
        } else if !combiner.isArgument, !outer.isEmpty, reduced.isSuperset(of: outer),
          axes.isSubset(of: inner), reduced == outer || reduced == outer.union(inner)
        {
          roles.append(.columnReduction)
        } else if reduced.isEmpty {
          // Axes of extent 1 only: a plain value.
          roles.append(axes.isSubset(of: outer) ? .row : .inner)
        } else {
          return nil
        }
      } else {
        roles.append(axes.isDisjoint(with: inner) ? .row : .inner)
      }
    }
  }
}
