internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// Which pass over a row computes what.
///
/// A reduction along the row is known only after a whole pass, so a softmax needs three: the maximum,
/// the sum of exponentials, the quotients. A value needed again in a later pass is computed again when
/// it is cheap and kept in memory when it is not: in its own output where it has one, else in a row of
/// scratch.
struct RowPlan {
  /// For inner stages the earliest pass that can compute them; for values of the row the first pass
  /// before which they are known.
  private(set) var level: [Int]
  private(set) var passCount: Int
  /// For each pass the inner stages to compute, in order, and those to load from memory instead.
  private(set) var computed: [[Int]] = []
  private(set) var loaded: [[Int]] = []
  /// The inner stages kept in a row of scratch.
  private(set) var scratch: [Int] = []

  init(_ group: FusionGroup, roles: [RowRoles.Role], inner: [Int]) {
    let stages = group.stages
    // Column reductions of values that vary along the row happen within a pass.
    let withinPass = stages.map { !Set($0.axes + $0.reduced).isDisjoint(with: inner) }
    var level = [Int](repeating: 0, count: stages.count)
    var passes = 0
    for (s, stage) in stages.enumerated() {
      var known = 0
      for case .stage(let i) in stage.reads {
        known = max(known, roles[i] == .rowReduction ? level[i] + 1 : level[i])
      }
      level[s] = known
      switch roles[s] {
      case .rowReduction: passes = max(passes, known + 1)
      case .inner where !stage.writes.isEmpty: passes = max(passes, known + 1)
      case .columnReduction where withinPass[s]: passes = max(passes, known + 1)
      default: break
      }
    }
    self.level = level
    passCount = passes
    let outer = Set(stages.flatMap { $0.axes + $0.reduced }).subtracting(inner)

    // What each pass is for, and what that takes.
    let roots = (0..<passes).map { p in
      stages.indices.filter { s in
        level[s] == p
          && (roles[s] == .rowReduction || (roles[s] == .inner && !stages[s].writes.isEmpty)
            || (roles[s] == .columnReduction && withinPass[s]))
      }
    }
    var first: [Int: Int] = [:]
    var cost: [Int: Int] = [:]
    var kept: Set<Int> = []
    for p in 0..<passes {
      var done: Set<Int> = []
      var order: [Int] = []
      var loads: [Int] = []
      // Stages whose operands are being computed, and the next operand of each: a list, since a long
      // chain would overflow the stack of a recursion.
      var waiting: [(stage: Int, next: Int)] = []
      func enter(_ s: Int) {
        guard roles[s] == .inner, done.insert(s).inserted else { return }
        // An output that is the same for several rows is written by the first alone.
        let isStored = !stages[s].writes.isEmpty && outer.isSubset(of: stages[s].axes)
        if let h = first[s], h < p, isStored || (cost[s] ?? 0) > 6 {
          if !isStored { kept.insert(s) }
          loads.append(s)
        } else {
          waiting.append((s, 0))
        }
      }
      func need(_ root: Int) {
        enter(root)
        while let (s, next) = waiting.last {
          guard next == stages[s].reads.count else {
            waiting[waiting.count - 1].next += 1
            if case .stage(let i) = stages[s].reads[next] { enter(i) }
            continue
          }
          waiting.removeLast()
          let own = stages[s].body.instructions.reduce(0) { $0 + Self.weight($1.op) }
          cost[s] = stages[s].reads.reduce(own) { sum, read in
            switch read {
            case .stage(let i): roles[i] == .inner ? sum + min(cost[i] ?? 0, 6) : sum
            case .memory: sum + 1
            }
          }
          if first[s] == nil { first[s] = p }
          order.append(s)
        }
      }
      for root in roots[p] {
        if roles[root] == .inner { need(root) }
        for case .stage(let i) in stages[root].reads { need(i) }
      }
      computed.append(order)
      loaded.append(loads)
    }
    scratch = kept.sorted()
  }

  static func weight(_ op: ScalarOp) -> Int {
    switch op {
    case .operand, .constant: 0
    case .divide, .squareRoot, .remainder: 5
    case .call: 12
    case .randomWord: 40
    default: 1
    }
  }
}
