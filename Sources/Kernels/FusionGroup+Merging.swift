internal import GnomonScalars
internal import GnomonTensors

extension FusionGroup {
  /// Joins axes that every access runs through as one: `[batch, n]` contiguous becomes one axis of
  /// `batch*n`, so that loops are long whatever the shape.
  func mergingAxes() -> FusionGroup {
    var group = self
    var changed = true
    while changed {
      changed = false
      search: for a in group.axes.indices {
        for b in group.axes.indices where a != b && group.canMerge(a, b) {
          group.merge(a, b)
          changed = true
          break search
        }
      }
    }
    return group
  }

  private func canMerge(_ a: Int, _ b: Int) -> Bool {
    let extent = axes[b]
    // An axis that was merged away is left with the extent 1.
    guard axes[a] != 1, extent != 1 else { return false }
    func fits(_ index: Dim) -> Bool {
      guard let (ca, rest) = index.linear(in: a), let (cb, _) = rest.linear(in: b) else {
        return false
      }
      return ca == cb * extent
    }
    for stage in stages {
      guard stage.axes.contains(a) == stage.axes.contains(b),
        stage.reduced.contains(a) == stage.reduced.contains(b)
      else { return false }
      for i in stage.body.instructions {
        if case .index(let d) = i.op, !d.axes.isDisjoint(with: [a, b]) { return false }
      }
      if stage.combiner?.isArgument == true && stage.reduced.contains(a) { return false }
      for case .memory(_, let index, let guards, _) in stage.reads {
        guard guards.allSatisfy({ $0.axes.isDisjoint(with: [a, b]) }), fits(index) else {
          return false
        }
      }
      for (_, index) in stage.writes where !fits(index) { return false }
    }
    return true
  }

  /// `a` is the outer axis, `b` the inner; the joined axis takes the number of `b`.
  private mutating func merge(_ a: Int, _ b: Int) {
    axes[b] = axes[a] * axes[b]
    axes[a] = 1
    func joined(_ index: Dim) -> Dim {
      // ca = cb * extent(b), so dropping the outer axis leaves cb * joined.
      index.substituting { $0 == .axis(a) ? Dim(0) : nil }
    }
    for s in stages.indices {
      stages[s].axes.removeAll { $0 == a }
      stages[s].reduced.removeAll { $0 == a }
      stages[s].reads = stages[s].reads.map { read in
        guard case .memory(let buffer, let index, let guards, let otherwise) = read else {
          return read
        }
        return .memory(
          buffer: buffer, index: joined(index), guards: guards, otherwise: otherwise)
      }
      stages[s].writes = stages[s].writes.map { ($0.buffer, joined($0.index)) }
    }
  }
}
