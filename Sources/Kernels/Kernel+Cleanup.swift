internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

extension Kernel {
  /// Without registers that nothing uses and axes that nothing names.
  package func withoutDeadCode() -> Kernel {
    var uses = RegisterUses()
    for s in body { uses.collect(s) }
    let live = uses.live()
    var kernel = self
    kernel.body = Self.withoutIdleBindings(Self.pruned(body, live)).statements
    return kernel
  }

  /// Without names of index expressions that nothing after them in their block mentions, and the axes
  /// that what is left mentions. The same axis may be named in several blocks.
  fileprivate static func withoutIdleBindings(
    _ statements: [Statement]
  ) -> (statements: [Statement], mentioned: Set<Int>) {
    var kept: [Statement] = []
    var mentioned: Set<Int> = []
    func inner(_ body: [Statement]) -> [Statement] {
      let (statements, axes) = withoutIdleBindings(body)
      mentioned.formUnion(axes)
      return statements
    }
    for s in statements.reversed() {
      var own = RegisterUses()
      switch s {
      case .bind(let axis, _):
        guard mentioned.remove(axis) != nil else { continue }
        kept.append(s)
        own.collect(s)
      case .loop(var loop):
        let (body, axes) = withoutIdleBindings(loop.body)
        mentioned.formUnion(axes.subtracting([loop.axis]))
        loop.body = body
        kept.append(.loop(loop))
        loop.body = []
        own.collect(.loop(loop))
      case .parallel(var p):
        p.body = inner(p.body)
        kept.append(.parallel(p))
      case .conditional(let guards, let body):
        kept.append(.conditional(guards, inner(body)))
        own.collect(.conditional(guards, []))
      case .library(let body, let otherwise):
        kept.append(.library(inner(body), otherwise: inner(otherwise)))
      case .assign, .store, .prefetch, .check, .call, .transpose, .routine, .comment:
        kept.append(s)
        own.collect(s)
      }
      mentioned.formUnion(own.axes)
    }
    return (kept.reversed(), mentioned)
  }

  private static func pruned(_ statements: [Statement], _ live: RegisterUses.Live) -> [Statement] {
    statements.compactMap { s in
      switch s {
      case .assign(let r, _): return live.registers.contains(r.number) ? s : nil
      case .bind(let axis, _): return live.axes.contains(axis) ? s : nil
      case .loop(var loop):
        loop.body = pruned(loop.body, live)
        return loop.body.isEmpty ? nil : .loop(loop)
      case .parallel(var p):
        p.body = pruned(p.body, live)
        return p.body.isEmpty ? nil : .parallel(p)
      case .conditional(let guards, let inner):
        let rest = pruned(inner, live)
        return rest.isEmpty ? nil : .conditional(guards, rest)
      case .library(let body, let otherwise):
        return .library(pruned(body, live), otherwise: pruned(otherwise, live))
      case .store, .prefetch, .check, .call, .transpose, .routine, .comment: return s
      }
    }
  }
}

extension Statement.Loop {
  /// The axes that are open around the loop and mentioned in it.
  package var freeAxes: Set<Int> { Kernel.withoutIdleBindings([.loop(self)]).mentioned }
}

/// What a statement without statements of its own reads and writes.
struct StatementUses {
  private(set) var reads: Set<Int> = []
  private(set) var defines: Int?
  /// The buffers that it loads from or stores to.
  private(set) var buffers: Set<Int> = []
  private(set) var stores: Int?

  /// Nil for a statement that is more than an operation, a load or a store.
  init?(_ s: Statement) {
    switch s {
    case .assign(let r, let value):
      defines = r.number
      reads = RegisterUses.registers(RegisterUses.nodes(value))
      switch value {
      case .load(let place): buffers = [place.buffer]
      case .gather(let buffer, _, _): buffers = [buffer]
      default: break
      }
    case .store(let r, let place):
      reads = RegisterUses.registers(RegisterUses.nodes(place)).union([r.number])
      (buffers, stores) = ([place.buffer], place.buffer)
    case .prefetch(_, let place): reads = RegisterUses.registers(RegisterUses.nodes(place))
    default: return nil
    }
  }
}

/// Which registers and axes each register and axis is made from.
private struct RegisterUses {
  struct Live {
    var registers: Set<Int>
    var axes: Set<Int>
  }
  fileprivate enum Node: Hashable {
    case register(Int)
    case axis(Int)
  }

  private var edges: [Node: Set<Node>] = [:]
  private var roots: Set<Node> = []

  mutating func collect(_ s: Statement) {
    switch s {
    case .assign(let r, let value):
      edges[.register(r.number), default: []].formUnion(Self.nodes(value))
    case .store(let r, let place):
      roots.insert(.register(r.number))
      roots.formUnion(Self.nodes(place))
    case .prefetch(_, let d): roots.formUnion(Self.nodes(d))
    case .check(let r, let bound, let position, _):
      roots.insert(.register(r.number))
      roots.formUnion(Self.nodes(bound))
      roots.formUnion(Self.nodes(position))
    case .loop(let l):
      roots.formUnion(Self.nodes(l.from))
      roots.formUnion(Self.nodes(l.to))
      for inner in l.body { collect(inner) }
    case .parallel(let p): for inner in p.body { collect(inner) }
    case .conditional(let guards, let body):
      for g in guards { roots.formUnion(Self.nodes(g)) }
      for inner in body { collect(inner) }
    case .bind(let axis, let d): edges[.axis(axis), default: []].formUnion(Self.nodes(d))
    case .call(let c):
      for d in [c.cIndex, c.ldc, c.m, c.n, c.k, c.a.index, c.b.index, c.a.leading, c.b.leading] {
        roots.formUnion(Self.nodes(d))
      }
    case .library(let body, let otherwise): for inner in body + otherwise { collect(inner) }
    case .transpose(let t): for d in t.formulas { roots.formUnion(Self.nodes(d)) }
    case .routine(let r): for d in r.formulas { roots.formUnion(Self.nodes(d)) }
    case .comment: break
    }
  }

  /// The axes that the collected statements mention.
  var axes: Set<Int> {
    edges.values.reduce(roots) { $0.union($1) }.reduce(into: []) {
      if case .axis(let a) = $1 { $0.insert(a) }
    }
  }

  fileprivate static func registers(_ nodes: Set<Node>) -> Set<Int> {
    nodes.reduce(into: []) { if case .register(let r) = $1 { $0.insert(r) } }
  }

  func live() -> Live {
    var seen = roots
    var pending = Array(roots)
    while let n = pending.popLast() {
      for next in edges[n, default: []] where seen.insert(next).inserted { pending.append(next) }
    }
    var live = Live(registers: [], axes: [])
    for n in seen {
      switch n {
      case .register(let r): live.registers.insert(r)
      case .axis(let a): live.axes.insert(a)
      }
    }
    return live
  }

  fileprivate static func nodes(_ d: Dim) -> Set<Node> {
    var found: Set<Node> = []
    d.forEachAtom { atom in
      switch atom {
      case .axis(let a): found.insert(.axis(a))
      case .loaded(let r): found.insert(.register(r))
      default: break
      }
    }
    return found
  }

  fileprivate static func nodes(_ g: Read.Guard) -> Set<Node> {
    switch g {
    case .nonNegative(let d): nodes(d)
    case .divisible(let d, let by): nodes(d).union(nodes(by))
    }
  }

  fileprivate static func nodes(_ a: Statement.Access) -> Set<Node> {
    var found = nodes(a.index).union(nodes(a.stride))
    if let n = a.active { found.formUnion(nodes(n)) }
    for g in a.guards { found.formUnion(nodes(g)) }
    return found
  }

  fileprivate static func nodes(_ v: Statement.Value) -> Set<Node> {
    switch v {
    case .op(_, let registers), .interleave(let registers, _):
      Set(registers.map { .register($0.number) })
    case .load(let a): nodes(a)
    case .gather(_, let r, let active):
      nodes(active ?? 0).union([.register(r.number)])
    case .splat(let r), .reduceLanes(_, let r), .copy(let r): [.register(r.number)]
    case .index(let d, let step): nodes(d).union(nodes(step))
    case .lanesBelow(let d): nodes(d)
    }
  }
}
