internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// What the passes over a row fetch of the next one.
///
/// The first pass over a row waits for memory while the processor has nothing else to do; later ones
/// find it in the nearest caches and leave memory idle. So the one that computes most asks for the
/// next row of what has been read by then, and of what will be written; passes after it for what the
/// one before was the first to read.
extension RowSchedule {
  /// Places of the next row to ask for during a pass.
  func nextRow(duringPass p: Int) -> [Place] {
    guard p > 0,
      let longest = (1..<plan.passCount).max(by: { weight(ofPass: $0) < weight(ofPass: $1) }),
      p >= longest
    else { return [] }
    let first = p == longest ? 0 : p - 1
    let known = Set((0..<first).flatMap { reads(inPass: $0) })
    let read = (first..<p).flatMap { reads(inPass: $0) }.filter { !known.contains($0) }
    let ahead = movedOn(read)
    return p > longest || ahead.isEmpty || !staysInCache ? ahead : ahead + movedOn(laterWrites)
  }

  /// About how many operations a pass does on an element.
  func weight(ofPass p: Int) -> Int {
    let reductions = stages(.rowReduction).filter { plan.level[$0] == p }
    return (plan.computed[p] + reductions).reduce(0) { total, s in
      total + group.stages[s].body.instructions.reduce(1) { $0 + RowPlan.weight($1.op) }
    }
  }

  /// The same places in the next row, of those that move with it and lie side by side along it.
  private func movedOn(_ places: [Place]) -> [Place] {
    guard let row = outer.last, let v = inner.last else { return [] }
    var next: [Place] = []
    for place in places where place.index.linear(in: v)?.coefficient == 1 {
      let index = place.index.substituting { $0 == .axis(row) ? .axis(row) + 1 : nil }
      let moved = Place(buffer: place.buffer, index: index)
      if index != place.index, !next.contains(moved) { next.append(moved) }
    }
    return next
  }

  /// What passes after the first write.
  private var laterWrites: [Place] {
    group.stages.indices.filter { roles[$0] == .inner && plan.level[$0] > 0 }.flatMap { s in
      group.stages[s].writes.map { Place(buffer: $0.buffer, index: $0.index) }
    }
  }

  struct Place: Hashable {
    var buffer: Int
    var index: Dim
  }

  /// What a pass reads of memory without a condition.
  private func reads(inPass p: Int) -> [Place] {
    let read =
      plan.computed[p]
      + group.stages.indices.filter {
        plan.level[$0] == p && (roles[$0] == .rowReduction || roles[$0] == .columnReduction)
      }
    return read.flatMap { s in
      group.stages[s].reads.compactMap { read -> Place? in
        guard case .memory(let buffer, let index, let guards, _) = read, guards.isEmpty,
          index.loadedReads.isEmpty
        else { return nil }
        return Place(buffer: buffer, index: index)
      }
    }
  }
}
