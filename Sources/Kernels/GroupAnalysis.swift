package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// The computations of some instructions over common axes: what fusion decides on and schedules
/// start from.
///
/// Axes of different instructions become one where a value is handed from one to the other; what is
/// left over becomes one where the extents are equal and no instruction has both.
struct GroupAnalysis {
  struct Stage {
    var instruction: Int
    /// Which computation of the instruction's lowering.
    var computation: Computation
    var value: ValueID
    var axes: [Int]
    var reduced: [Int]
    var reads: [StageSource]
    /// For each dimension of the value its axis, or -1 where the extent is 1.
    var dimensions: [Int] = []
  }

  enum StageSource {
    /// `indices` are over the group's axes.
    case memory(ValueID, indices: [Dim], guards: [Read.Guard], otherwise: UInt64)
    case stage(Int)
  }

  var axes: [Dim] = []
  var stages: [Stage] = []

  /// Nil when the instructions cannot run over common axes.
  init?(
    _ members: [Int], in graph: Graph, views: ViewResolution,
    computations: (Int) -> [Computation]?
  ) {
    var producer: [ValueID: Int] = [:]
    // Axis variables, joined as they turn out to be the same; each has the stage axes it stands for.
    var parent: [Int] = []
    var extents: [Dim] = []
    func root(_ v: Int) -> Int {
      var v = v
      while parent[v] != v { v = parent[v] }
      return v
    }
    // Per stage the variable of each of its computation's axes; -1 for axes of extent 1.
    var variables: [[Int]] = []

    for member in members {
      guard let list = computations(member) else { return nil }
      let instruction = graph.instructions[member]
      for c in list {
        var own: [Int] = []
        for extent in c.axes + c.reduced {
          if extent == 1 {
            own.append(-1)
          } else {
            parent.append(parent.count)
            extents.append(extent)
            own.append(parent.count - 1)
          }
        }
        var sources: [StageSource] = []
        for read in c.reads {
          let (base, indices) = views.resolve(instruction.operands[read.operand], read.indices)
          guard let p = producer[base] else {
            sources.append(
              .memory(base, indices: indices, guards: read.guards, otherwise: read.otherwise))
            continue
          }
          guard read.guards.isEmpty else { return nil }
          // The value comes from a stage: each of its axes must be one of ours, unmoved.
          for (d, index) in indices.enumerated() {
            let theirs = variables[p][d]
            if theirs < 0 { continue }
            guard let axis = index.singleAxis, own[axis] >= 0 else { return nil }
            let a = root(theirs)
            let b = root(own[axis])
            if a != b {
              guard extents[a] == extents[b] else { return nil }
              parent[b] = a
            }
          }
          sources.append(.stage(p))
        }
        variables.append(own)
        stages.append(
          Stage(
            instruction: member, computation: c, value: instruction.results[c.result], axes: [],
            reduced: [], reads: sources))
        // A box of a result is not a value others may take from a register.
        if c.offset == nil { producer[instruction.results[c.result]] = stages.count - 1 }
      }
    }

    // Join what is left over: roots of equal extent that no stage has side by side.
    func roots(of stage: Int) -> [Int] { variables[stage].filter { $0 >= 0 }.map { root($0) } }
    var all = Set(parent.indices.map { root($0) }).sorted()
    var changed = stages.count > 1
    while changed {
      changed = false
      var together: [Int: Set<Int>] = [:]
      for s in stages.indices {
        let r = roots(of: s)
        for a in r { together[a, default: []].formUnion(r) }
      }
      search: for (i, a) in all.enumerated() {
        for b in all[(i + 1)...]
        where extents[a] == extents[b] && together[a]?.contains(b) != true {
          parent[b] = a
          all.removeAll { $0 == b }
          changed = true
          break search
        }
      }
    }

    // Number the axes in the order in which memory runs through them.
    var order: [Int] = []
    func note(_ r: Int) { if !order.contains(r) { order.append(r) } }
    var layouts: [[Int]] = []
    for s in stages.indices {
      for case .memory(_, let indices, _, _) in stages[s].reads {
        layouts.append(
          indices.flatMap { index in index.axes.sorted().map { variables[s][$0] } }
            .filter { $0 >= 0 }.map { root($0) })
      }
      layouts.append(roots(of: s))
    }
    for layout in layouts.sorted(by: { Set($0).count > Set($1).count }) { layout.forEach(note) }
    var number: [Int: Int] = [:]
    for (i, r) in order.enumerated() { number[r] = i }
    axes = order.map { extents[$0] }

    for s in stages.indices {
      let c = stages[s].computation
      let mapped = variables[s].map { $0 < 0 ? -1 : number[root($0)]! }
      let used = mapped.filter { $0 >= 0 }
      guard Set(used).count == used.count else { return nil }
      stages[s].dimensions = Array(mapped[..<c.axes.count])
      stages[s].axes = stages[s].dimensions.filter { $0 >= 0 }
      stages[s].reduced = mapped[c.axes.count...].filter { $0 >= 0 }
      func renamed(_ d: Dim) -> Dim {
        d.substituting { atom in
          guard case .axis(let a) = atom else { return nil }
          return mapped[a] < 0 ? Dim(0) : .axis(mapped[a])
        }
      }
      stages[s].reads = stages[s].reads.map { source in
        guard case .memory(let v, let indices, let guards, let otherwise) = source else {
          return source
        }
        return .memory(
          v, indices: indices.map(renamed), guards: guards.map { $0.mapped(renamed) },
          otherwise: otherwise)
      }
      for i in stages[s].computation.body.instructions.indices {
        if case .index(let d) = stages[s].computation.body.instructions[i].op {
          stages[s].computation.body.instructions[i].op = .index(renamed(d))
        }
      }
    }
  }
}

extension Read.Guard {
  package func mapped(_ f: (Dim) -> Dim) -> Read.Guard {
    switch self {
    case .nonNegative(let d): .nonNegative(f(d))
    case .divisible(let d, let by): .divisible(f(d), by: f(by))
    }
  }

  package var axes: Set<Int> {
    switch self {
    case .nonNegative(let d): d.axes
    case .divisible(let d, let by): d.axes.union(by.axes)
    }
  }
}
