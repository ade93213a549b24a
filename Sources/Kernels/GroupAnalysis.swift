package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// The computations of some instructions over common axes: what schedules start from.
///
/// Axes of different instructions become one where a value is handed from one to the other; what is
/// left over becomes one where the extents are equal and no instruction has both.
struct GroupAnalysis {
  struct Stage {
    var shape: StageShape
    var axes: [Int]
    var reduced: [Int]
    var reads: [StageSource]
    /// For each dimension of the value its axis, or -1 where the extent is 1.
    var dimensions: [Int]
    /// The body with index expressions over the group's axes.
    var body: ScalarProgram
  }

  enum StageSource {
    /// `indices` are over the group's axes.
    case memory(ValueID, indices: [Dim], guards: [Read.Guard], otherwise: UInt64)
    case stage(Int)
  }

  private(set) var axes: [Dim] = []
  private(set) var stages: [Stage] = []

  /// Nil when the instructions cannot run over common axes.
  init?(_ members: [Int], in graph: Graph, views: ViewResolution) {
    var classes = AxisClasses()
    var shapes: [StageShape] = []
    var inputs: [[Int?]] = []
    var producer: [ValueID: Int] = [:]
    for member in members {
      guard let list = views.computations(member) else { return nil }
      for c in list {
        let shape = StageShape(c, of: member, in: graph, views: views, classes: &classes)
        inputs.append(shape.sources.map { producer[$0.base] })
        for source in shape.sources {
          guard let p = producer[source.base] else { continue }
          if shape.connect(source, to: shapes[p], &classes) != nil { return nil }
        }
        shapes.append(shape)
        // A box of a result is not a value others may take from a register.
        if !shape.isBox { producer[shape.value] = shapes.count - 1 }
      }
    }
    guard let joined = classes.axes(of: shapes.map { $0.names(classes) }) else { return nil }
    let order = Self.memoryOrder(shapes, inputs, classes, joined.number)
    var place = [Int](repeating: 0, count: order.count)
    for (i, axis) in order.enumerated() { place[axis] = i }
    axes = order.map { classes.extent(joined.names[$0]) }
    for (shape, inputs) in zip(shapes, inputs) {
      let mapped = shape.variables.map { v in
        v < 0 ? -1 : place[joined.number[classes.name(v)]!]
      }
      let used = mapped.filter { $0 >= 0 }
      guard Set(used).count == used.count else { return nil }
      stages.append(Stage(shape, mapped, inputs))
    }
  }

  /// The axes in the order in which memory runs through them, widest access first.
  private static func memoryOrder(
    _ shapes: [StageShape], _ inputs: [[Int?]], _ classes: AxisClasses, _ number: [Int: Int]
  ) -> [Int] {
    var layouts: [(axes: [Int], width: Int)] = []
    for (shape, inputs) in zip(shapes, inputs) {
      let own = shape.variables.map { $0 < 0 ? -1 : number[classes.name($0)]! }
      func add(_ axes: [Int]) {
        let there = axes.filter { $0 >= 0 }
        layouts.append((there, AxisSet(there).count))
      }
      for (source, input) in zip(shape.sources, inputs) where input == nil {
        add(source.indices.flatMap { index in index.axes.sorted().map { own[$0] } })
      }
      add(own)
    }
    var order: [Int] = []
    var seen: AxisSet = []
    let ranked = layouts.indices.sorted { (layouts[$1].width, $0) < (layouts[$0].width, $1) }
    for l in ranked {
      for axis in layouts[l].axes where !seen.contains(axis) {
        seen.insert(axis)
        order.append(axis)
      }
    }
    return order
  }
}

extension GroupAnalysis.Stage {
  /// - Parameters:
  ///   - mapped: the group's axis of each of the computation's axes, or -1.
  ///   - inputs: for each source the stage that makes it, or nil for memory.
  fileprivate init(_ shape: StageShape, _ mapped: [Int], _ inputs: [Int?]) {
    func renamed(_ d: Dim) -> Dim {
      d.substituting { atom in
        guard case .axis(let a) = atom else { return nil }
        return mapped[a] < 0 ? Dim(0) : .axis(mapped[a])
      }
    }
    self.shape = shape
    let rank = shape.computation.axes.count
    dimensions = Array(mapped[..<rank])
    axes = dimensions.filter { $0 >= 0 }
    reduced = mapped[rank...].filter { $0 >= 0 }
    reads = zip(shape.sources, inputs).map { source, input in
      if let input { return .stage(input) }
      return .memory(
        source.base, indices: source.indices.map(renamed),
        guards: source.guards.map { $0.mapped(renamed) }, otherwise: source.otherwise)
    }
    body = shape.computation.body
    for i in body.instructions.indices {
      if case .index(let d) = body.instructions[i].op {
        body.instructions[i].op = .index(renamed(d))
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
