internal import GnomonIR
internal import GnomonTensors

/// What the passes over a row fetch of the next one.
///
/// The first pass over a row waits for memory while the processor has nothing else to do; later ones
/// find it in the nearest caches and leave memory idle. So the pass after the one that first reads an
/// operand asks for the same place of the next row.
extension RowSchedule {
  /// Places of the next row, one for each operand that the pass before was the first to read.
  func nextRow(duringPass p: Int) -> [Place] {
    guard p > 0, let row = outer.last, let v = inner.last else { return [] }
    let known = Set((0..<p - 1).flatMap { places(inPass: $0) })
    var next: [Place] = []
    for place in places(inPass: p - 1) where !known.contains(place) {
      let moved = place.index.substituting { $0 == .axis(row) ? .axis(row) + 1 : nil }
      guard moved != place.index, place.index.linear(in: v)?.coefficient == 1 else { continue }
      let ahead = Place(buffer: place.buffer, index: moved)
      if !next.contains(ahead) { next.append(ahead) }
    }
    return next
  }

  struct Place: Hashable {
    var buffer: Int
    var index: Dim
  }

  /// What a pass reads of memory without a condition.
  private func places(inPass p: Int) -> [Place] {
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
