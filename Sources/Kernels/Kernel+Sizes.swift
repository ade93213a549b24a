internal import GnomonIR
internal import GnomonTensors

extension Kernel {
  /// The named sizes that the kernel's formulas use, in the order of its `sizes` argument.
  package var sizeNames: [String] {
    var names: Set<String> = []
    func add(_ d: Dim) { names.formUnion(d.names) }
    func add(_ g: Read.Guard) {
      switch g {
      case .nonNegative(let d): add(d)
      case .divisible(let d, let by):
        add(d)
        add(by)
      }
    }
    func add(_ a: Statement.Access) {
      add(a.index)
      add(a.stride)
      if let n = a.active { add(n) }
      a.guards.forEach { add($0) }
    }
    func visit(_ s: Statement) {
      switch s {
      case .assign(_, let v):
        switch v {
        case .load(let a): add(a)
        case .gather(_, _, let n): if let n { add(n) }
        case .index(let d, let step):
          add(d)
          add(step)
        case .lanesBelow(let d): add(d)
        case .op, .splat, .reduceLanes, .copy, .interleave: break
        }
      case .store(_, let a): add(a)
      case .prefetch(_, let d): add(d)
      case .loop(let l):
        add(l.from)
        add(l.to)
        l.body.forEach(visit)
      case .parallel(let p):
        add(p.count)
        add(p.cost)
        p.body.forEach(visit)
      case .conditional(let guards, let inner):
        guards.forEach { add($0) }
        inner.forEach(visit)
      case .check(_, let bound, let position, _):
        add(bound)
        add(position)
      case .bind(_, let d): add(d)
      case .call(let c):
        for d in [c.cIndex, c.ldc, c.m, c.n, c.k, c.a.index, c.b.index, c.a.leading, c.b.leading] {
          add(d)
        }
      case .library(let body, let otherwise): (body + otherwise).forEach(visit)
      case .transpose(let t): t.formulas.forEach { add($0) }
      case .routine(let r): r.formulas.forEach { add($0) }
      case .comment: break
      }
    }
    body.forEach(visit)
    if streaming != nil { add(bytes) }
    for b in buffers {
      if case .temporary(let n, true) = b.role { add(n) }
    }
    return names.sorted()
  }
}
