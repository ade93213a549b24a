internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// One computation of an instruction with its reads followed through views: what fusion looks at.
struct StageShape {
  struct Source {
    /// The value whose elements are read.
    var base: ValueID
    /// Over the computation's own axes.
    var indices: [Dim]
    var guards: [Read.Guard]
    var otherwise: UInt64
    /// For each dimension of the value the axis that runs along it unmoved, if one does.
    var axes: [Int?]
  }

  var instruction: Int
  var computation: Computation
  var value: ValueID
  /// For each of the computation's axes its number in `AxisClasses`; -1 where the extent is 1.
  var variables: [Int]
  var sources: [Source]
  /// Whether the reduction reuses its operands along several axes of the result, or reads windows.
  var needsTile: Bool
  /// Whether it writes a box of the result only.
  var isBox: Bool { computation.offset != nil }
  /// Over axes of extent 1 nothing is combined.
  var combiner: Combiner?
  /// Whether the value is a result of the graph, or what a variable becomes.
  var isOutput: Bool
  /// Which of its own axes runs through memory fastest: the last of its result, or of the widest operand
  /// that it reduces.
  var fast: Int?

  init(
    _ c: Computation, of index: Int, in graph: Graph, views: ViewResolution,
    outputs: Set<ValueID> = [], classes: inout AxisClasses
  ) {
    let instruction = graph.instructions[index]
    self.instruction = index
    computation = c
    value = instruction.results[c.result]
    isOutput = outputs.contains(value)
    let variables = (c.axes + c.reduced).map { $0 == 1 ? -1 : classes.add($0) }
    self.variables = variables
    sources = c.reads.map { read in
      let (base, indices) = views.resolve(instruction.operands[read.operand], read.indices)
      return Source(
        base: base, indices: indices, guards: read.guards, otherwise: read.otherwise,
        axes: indices.map { i in i.singleAxis.flatMap { variables[$0] < 0 ? nil : $0 } })
    }
    combiner = variables[c.axes.count...].contains { $0 >= 0 } ? c.combiner : nil
    needsTile = false
    needsTile = reusesOperands
    fast =
      combiner == nil
      ? c.axes.indices.last { variables[$0] >= 0 }
      : sources.max { $0.axes.count(where: { $0 != nil }) < $1.axes.count(where: { $0 != nil }) }
        .flatMap { $0.axes.last { $0 != nil } ?? nil }
  }

  /// An operand that another stage makes counts as one from memory: a product of matrices stays one,
  /// and does not become rows that make the operand again for every column.
  private var reusesOperands: Bool {
    guard let combiner else { return false }
    if combiner.isArgument { return reducesAcross }
    let own = computation.axes.indices.filter { variables[$0] >= 0 }
    var private_ = 0
    for source in sources {
      let used = source.indices.map { $0.axes.filter { variables[$0] >= 0 } }
      if !source.guards.isEmpty || used.contains(where: { $0.count > 1 }) { return true }
      let all = used.reduce(into: Set<Int>()) { $0.formUnion($1) }
      // A single number is no operand to reuse, be it in memory or a constant made in place.
      if !all.isEmpty, own.contains(where: { !all.contains($0) }) { private_ += 1 }
    }
    return private_ >= 2
  }

  /// Whether memory runs along an axis of the result, while the reduction steps over it: a tile then
  /// takes a vector of results at each step, where rows would take one result after the other.
  private var reducesAcross: Bool {
    sources.contains { source in
      if !source.guards.isEmpty || source.indices.contains(where: { $0.axes.count > 1 }) {
        return true
      }
      guard case .some(.some(let last)) = source.axes.last else { return false }
      return last < computation.axes.count
    }
  }

  /// Joins the axes of a value with those of the stage that reads it.
  func connect(
    _ source: Source, to producer: StageShape, _ classes: inout AxisClasses
  ) -> FusionRefusal? {
    guard source.guards.isEmpty else { return .readOutside(producer.value) }
    for (d, axis) in source.axes.enumerated() {
      let theirs = producer.variables[d]
      if theirs < 0 { continue }
      guard let axis else { return .readElsewhere(producer.value, dimension: d) }
      guard classes.join(theirs, variables[axis]) else {
        return .readElsewhere(producer.value, dimension: d)
      }
    }
    return nil
  }

  /// The names of its axes' classes.
  func names(_ classes: AxisClasses) -> [Int] {
    variables.compactMap { $0 < 0 ? nil : classes.name($0) }
  }

  /// As the splitting sees it, or nil if two of its axes have become one.
  func outline(
    _ classes: AxisClasses, _ number: [Int: Int], inputs: [Int]
  ) -> GroupOutline.Stage? {
    let all = variables.map { $0 < 0 ? -1 : number[classes.name($0)]! }
    let rank = computation.axes.count
    let axes = AxisSet(all[..<rank].lazy.filter { $0 >= 0 })
    let reduced = AxisSet(all[rank...].lazy.filter { $0 >= 0 })
    guard axes.union(reduced).count == all.count(where: { $0 >= 0 }) else { return nil }
    return GroupOutline.Stage(
      axes: axes, reduced: reduced, combiner: combiner, inputs: inputs, needsTile: needsTile,
      isBox: isBox, instruction: instruction, fast: fast.map { all[$0] },
      isWritten: isOutput)
  }
}

extension Combiner {
  var isArgument: Bool { self == .argumentMinimum || self == .argumentMaximum }
}
