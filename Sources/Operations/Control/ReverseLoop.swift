internal import GnomonIR
internal import GnomonTensors

/// The making of the reverse loop.
struct ReverseLoop {
  let op: Scan
  let carries: [Expr]
  let rows: [Expr]
  let captures: [Expr]
  let boundary: Int
  /// Values of the forward body that the reverse body reads, and their stacks once they are known.
  private var kept: [Expr] = []
  /// Values that the reverse body gives at each step.
  private var outputs: [Expr] = []
  private let invariant: InvariantNodes

  init(op: Scan, carries: [Expr], rows: [Expr], captures: [Expr], boundary: Int) {
    self.op = op
    self.carries = carries
    self.rows = rows
    self.captures = captures
    self.boundary = boundary
    invariant = InvariantNodes(captures: captures)
  }

  /// The number of the reverse body's output `e`.
  private mutating func output(_ e: Expr) -> Int {
    if let n = outputs.firstIndex(where: { $0.id == e.id }) { return n }
    outputs.append(e)
    return outputs.count - 1
  }

  mutating func derivatives(
    _ sweep: ScanGradient.Sweep, _ context: GradientContext, augmented: ([Expr]) -> [Expr]
  ) throws -> [Expr?] {
    let lead = op.carries + op.sequences
    // What each step gives: the derivatives of rows, the factors of captured values' derivatives,
    // and sums that are carried because they are no products.
    let ofRows = sweep.rows.map { d in d.map { output($0) } }
    var sums: [[StepSum]] = []
    for d in sweep.captures { sums.append(d.map { terms(of: $0) } ?? []) }
    var carried: [(capture: Int, total: Expr, step: Expr)] = []
    for (k, terms) in sums.enumerated() {
      guard let rest = carriedPart(terms) else { continue }
      carried.append(
        (k, .regionParameter(rest.type, "sum for capture \(k)", at: .here()), rest))
    }
    let nextDerivatives = sweep.active.map { i in sweep.carries[i] ?? zeros(like: carries[i]) }
    let nextTotals = carried.map { Expr._add($0.total, $0.step, .here()) }
    let results = nextDerivatives + nextTotals + outputs
    let fresh = sweep.upstream + carried.map(\.total) + sweep.outputRows.map(\.row)
    let outside = frontier(of: results, fresh: fresh)

    // The sequences of the reverse loop: rows of the forward one, kept values, upstream rows.
    let stacks = augmented(kept)
    let usedRows = rows.indices.filter { k in outside.rows.contains(rows[k].id) }
    var initial: [Expr] = sweep.active.map { i in context.upstream[i] ?? zeros(like: carries[i]) }
    initial += carried.map { zeros(like: $0.step) }
    var sequences: [Expr] =
      usedRows.map { context.operands[op.carries + $0] } + stacks
    sequences += sweep.outputRows.map { context.upstream[op.carries + $0.output]! }
    let window = StepWindow(op)
    let captured = captures.indices.filter { outside.captures.contains(captures[$0].id) }
    let reverse = Scan(
      carries: initial.count, sequences: sequences.count, length: window.count,
      isReversed: !op.isReversed)
    let parameters =
      sweep.upstream + carried.map(\.total) + usedRows.map { rows[$0] } + kept
      + sweep.outputRows.map(\.row) + captured.map { captures[$0] }
    let loop = Expr.apply(
      reverse,
      initial + sequences.map(window.cut) + captured.map { context.operands[lead + $0] },
      regions: [Body(parameters: parameters, results: results)], at: .here())
    if let bad = loop.first, bad.isInvalid { return context.operands.map { _ in bad } }

    let stack = Array(loop[initial.count...])
    var all = [Expr?](repeating: nil, count: context.operands.count)
    for (n, i) in sweep.active.enumerated() where context.wanted[i] {
      all[i] = window.initial(loop[n])
    }
    for (k, n) in ofRows.enumerated() {
      if let n { all[op.carries + k] = window.padded(stack[n]) }
    }
    func outer(_ e: Expr) -> Expr {
      if let k = rows.firstIndex(where: { $0.id == e.id }) {
        return window.cut(context.operands[op.carries + k])
      }
      if let k = captures.firstIndex(where: { $0.id == e.id }) { return context.operands[lead + k] }
      if let k = kept.firstIndex(where: { $0.id == e.id }) { return window.cut(stacks[k]) }
      return stack[outputs.firstIndex { $0.id == e.id }!]
    }
    for (k, terms) in sums.enumerated() {
      var total: Expr?
      for term in terms {
        guard let one = term.total(outer) else { continue }
        total = total.map { Expr._add($0, one, .here()) } ?? one
      }
      if let n = carried.firstIndex(where: { $0.capture == k }) {
        let one = loop[sweep.active.count + n]
        total = total.map { Expr._add($0, one, .here()) } ?? one
      }
      all[lead + k] = total
    }
    return all
  }

  // MARK: - Sums over the steps

  /// One summand of the derivative of a captured value.
  private struct StepSum {
    enum Kind {
      /// A product of values that both vary with the step; their stacks are contracted.
      case product(Contract, Expr, Expr)
      /// The sum over some axes of a value whose stack there is anyway.
      case sum(axes: [Int], Expr)
      case carried(Expr)
    }
    var kind: Kind
    /// Linear ops that follow, the first first; they are applied once, to the sum over the steps.
    var then: [any Op]

    /// The sum over the steps, from the stacks that `outer` gives; nil for what is carried.
    func total(_ outer: (Expr) -> Expr) -> Expr? {
      let sum: Expr
      switch kind {
      case .product(let contract, let a, let b):
        sum = Expr.make(contract.summedOverRows, [outer(a), outer(b)], at: .here())
      case .sum(let axes, let x):
        sum = Expr.make(Sum(axes: [0] + axes.map { $0 + 1 }), [outer(x)], at: .here())
      case .carried: return nil
      }
      return then.reduce(sum) { Expr.make($1, [$0], at: .here()) }
    }
  }

  private mutating func terms(of d: Expr) -> [StepSum] {
    var found: [StepSum] = []
    var pending: [(e: Expr, then: [any Op])] = [(d, [])]
    while let (e, then) = pending.popLast() {
      let operands = e.node.operands
      let op = e.node.sequence > boundary ? e.node.op : nil
      if op is Add, operands.allSatisfy({ $0.type == e.type }) {
        pending += operands.reversed().map { ($0, then) }
      } else if let op, op.isLinearView {
        pending.append((operands[0], [op] + then))
      } else if let contract = op as? Contract, contract.labels != nil,
        !operands.contains(where: { invariant.contains($0) })
      {
        operands.forEach { stackable($0) }
        found.append(StepSum(kind: .product(contract, operands[0], operands[1]), then: then))
      } else if let sum = op as? Sum, isStack(operands[0]) {
        found.append(StepSum(kind: .sum(axes: sum.axes, operands[0]), then: then))
      } else {
        let value = then.reduce(e) { Expr.make($1, [$0], at: .here()) }
        found.append(StepSum(kind: .carried(value), then: []))
      }
    }
    return found
  }

  private func carriedPart(_ terms: [StepSum]) -> Expr? {
    var total: Expr?
    for case .carried(let e) in terms.map(\.kind) {
      total = total.map { Expr._add($0, e, .here()) } ?? e
    }
    return total
  }

  private func isStack(_ e: Expr) -> Bool {
    rows.contains { $0.id == e.id } || outputs.contains { $0.id == e.id }
      || kept.contains { $0.id == e.id }
  }

  /// Makes sure that the value has a stack: a row has one, a value of the forward body is kept, and
  /// others become outputs.
  private mutating func stackable(_ e: Expr) {
    if isStack(e) { return }
    if carries.contains(where: { $0.id == e.id }) || e.node.sequence <= boundary {
      kept.append(e)
    } else {
      _ = output(e)
    }
  }

  // MARK: - What the reverse body reads

  /// Finds the rows and captures that `results` need, and adds to `kept` the values of the forward
  /// body that are not computed again.
  private mutating func frontier(
    of results: [Expr], fresh: [Expr]
  ) -> (rows: Set<Expr.ID>, captures: Set<Expr.ID>) {
    let asked = kept.count
    while true {
      let (found, users) = visit(results, fresh: Set(fresh.map(\.id)))
      let own = kept[asked...]
      var later: [Expr] = []
      for e in own {
        let next = successor(of: e, among: own, users)
        if !later.contains(where: { $0.id == next.id }) { later.append(next) }
      }
      guard !own.elementsEqual(later, by: { $0.id == $1.id }) else { return found }
      // Rows that only the values before them needed are needed no more.
      kept.replaceSubrange(asked..., with: later)
    }
  }

  /// The value to keep instead of one, or of several, that only serve to compute it: then that is not
  /// done again.
  private func successor(
    of e: Expr, among own: ArraySlice<Expr>, _ users: [Expr.ID: [Expr]]
  ) -> Expr {
    guard let next = users[e.id]?.first, next.type == e.type, next.node.sequence <= boundary,
      next.node.isRecomputed,
      next.node.operands.allSatisfy({ x in
        rows.contains { $0.id == x.id } || invariant.contains(x)
          || users[x.id]?.count == 1 && own.contains { $0.id == x.id }
      })
    else { return e }
    return next
  }

  /// Goes from `results` to what they need, adding to `kept`; gives the values by those that they
  /// serve to compute, too.
  private mutating func visit(
    _ results: [Expr], fresh: Set<Expr.ID>
  ) -> (found: (rows: Set<Expr.ID>, captures: Set<Expr.ID>), users: [Expr.ID: [Expr]]) {
    let ownRows = Set(rows.map(\.id))
    let ownCaptures = Set(captures.map(\.id))
    let ownCarries = Set(carries.map(\.id))
    var keptIDs = Set(kept.map(\.id))
    var found: (rows: Set<Expr.ID>, captures: Set<Expr.ID>) = ([], [])
    var seen: Set<Expr.ID> = []
    var users: [Expr.ID: [Expr]] = [:]
    for e in results { users[e.id, default: []].append(e) }
    var pending = Array(results.reversed())
    while let e = pending.popLast() {
      guard seen.insert(e.id).inserted, !fresh.contains(e.id), !keptIDs.contains(e.id) else {
        continue
      }
      if ownRows.contains(e.id) {
        found.rows.insert(e.id)
      } else if ownCaptures.contains(e.id) {
        found.captures.insert(e.id)
      } else if ownCarries.contains(e.id)
        || e.node.sequence <= boundary && !e.node.isRecomputed && !invariant.contains(e)
      {
        kept.append(e)
        keptIDs.insert(e.id)
      } else {
        for x in e.node.operands { users[x.id, default: []].append(e) }
        pending += e.node.operands.reversed()
      }
    }
    return (found, users)
  }
}

extension Op {
  /// Whether the op with one operand commutes with sums.
  fileprivate var isLinearView: Bool {
    switch self {
    case is Transpose, is Reshape, is Slice, is Negate: true
    case let pad as Pad: pad.value.bits == 0
    default: false
    }
  }
}

extension Node {
  /// Whether a reverse loop computes the value again rather than keep it: elementwise ops and views
  /// cost no more than the memory they would take.
  fileprivate var isRecomputed: Bool {
    guard let facts = op?.facts else { return false }
    return operands.isEmpty || facts.isElementwise || facts.isFree
  }
}

extension Contract {
  /// The contraction of stacks of its operands, summed over their rows too.
  var summedOverRows: Contract {
    let (left, right, result) = labels!
    let used = Set(left + right)
    let row = einsumLetters.first { !used.contains($0) }!
    return Contract("\(row)\(String(left)),\(row)\(String(right))->\(String(result))")
  }
}
