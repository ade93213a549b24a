internal import GnomonIR

extension NestBuilder {
  /// Orders the copies of a loop's body that begin at `starts` in the open block: a statement of each in
  /// turn, instead of one copy after the other.
  ///
  /// A processor looks about a hundred instructions ahead. In a long body of which each instruction waits
  /// for the one before, that is not as far as the next copy, which waits for nothing in this one.
  mutating func interleave(copiesAt starts: [Int]) {
    let statements = openStatements
    let ends = starts.dropFirst() + [statements.count]
    var copies: [OpenCopy] = []
    for (start, end) in zip(starts, ends) {
      guard let copy = OpenCopy(statements[start..<end]) else { return }
      copies.append(copy)
    }
    var merged = Array(statements[..<starts[0]])
    while merged.count < statements.count {
      for k in copies.indices {
        guard let next = copies[k].first, copies[..<k].allSatisfy({ !$0.mustPrecede(next) }) else {
          continue
        }
        merged.append(copies[k].take())
      }
    }
    replaceOpenStatements(merged)
  }
}

/// The statements of a copy that have not been placed yet.
private struct OpenCopy {
  struct Step {
    var statement: Statement
    var uses: StatementUses
  }

  private var steps: ArraySlice<Step> = []
  /// How many of them read or define a register, or store to a buffer.
  private var reads: [Int: Int] = [:]
  private var definitions: [Int: Int] = [:]
  private var stores: [Int: Int] = [:]

  /// Nil if one of them is more than an operation, a load or a store.
  init?(_ statements: ArraySlice<Statement>) {
    for s in statements {
      guard let uses = StatementUses(s) else { return nil }
      steps.append(Step(statement: s, uses: uses))
      count(uses, 1)
    }
  }

  var first: StatementUses? { steps.first?.uses }

  mutating func take() -> Statement {
    let step = steps.removeFirst()
    count(step.uses, -1)
    return step.statement
  }

  /// Whether one of them must come before a statement of a later copy.
  func mustPrecede(_ later: StatementUses) -> Bool {
    func isOpen(_ table: [Int: Int], _ key: Int) -> Bool { table[key, default: 0] > 0 }
    return later.reads.contains { isOpen(definitions, $0) }
      || later.defines.map { isOpen(reads, $0) || isOpen(definitions, $0) } ?? false
      || later.buffers.contains { isOpen(stores, $0) }
  }

  private mutating func count(_ uses: StatementUses, _ by: Int) {
    for r in uses.reads { reads[r, default: 0] += by }
    if let r = uses.defines { definitions[r, default: 0] += by }
    if let b = uses.stores { stores[b, default: 0] += by }
  }
}
