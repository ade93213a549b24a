package import GnomonIR
internal import GnomonTensors

extension Pass {
  /// Gathers instructions into kernels.
  ///
  ///     %0 = matmul %x, %w : f32[batch, 10]
  ///     %1 = add %0, %b : f32[batch, 10]
  ///     %2 = tanh %1 : f32[batch, 10]
  /// ->
  ///     %2 = fused {name = "matmul_add_tanh"} %x, %w, %b : f32[batch, 10] { … }
  ///
  /// After it the graph holds only kernels, values that share another's memory (`reshape`,
  /// `check_index`), constants and branches. Greedy: each instruction joins the kernels that make
  /// its operands if all of them can run over common axes and no path would lead out of the kernel
  /// and back in. `FusionTrace` says why one did not.
  package static let fuse = Pass("fuse", "Gather instructions into kernels.") { graph in
    try Fusion.run(graph.inliningWrappers().dissolved().duplicated().materialized())
  }
}

/// The greedy grouping of one graph.
///
/// In time linear in the graph: a group keeps what was found out about it, and joining looks at what is
/// added (`GroupCandidate`). What takes a look at the whole, as when two groups meet, is bounded by the
/// size of a kernel, and the search for paths around a kernel by `searchLimit`.
struct Fusion {
  let graph: Graph
  let views: ViewResolution
  /// Constants and other single values without operands: every kernel makes its own.
  let isFree: [Bool]
  /// All computations, those of an instruction side by side.
  private(set) var shapes: [StageShape] = []
  private var shapesOf: [Range<Int>]
  private(set) var classes = AxisClasses()
  /// For each value the computation that makes all of it, or -1.
  private var producer: [Int]
  /// For each instruction the first one of its group, by way of others; itself if it has none.
  private var leader: [Int]
  private var groups: [Int: GroupCandidate] = [:]
  /// For each computation its place in its group.
  private var place: [Int] = []
  /// The first instructions of the units that a unit takes values from; followed by way of `leader`.
  private var sources: [[Int]]
  /// When a unit was last met by a search.
  private var met: [Int]
  private var searches = 0
  private(set) var trace: FusionTrace

  /// How many steps a search for a path between kernels takes.
  static let searchLimit = 2048

  init(_ graph: Graph) {
    self.graph = graph
    let views = ViewResolution(graph)
    self.views = views
    trace = FusionTrace(graph)
    let outputs = Set(graph.outputs)
    let count = graph.instructions.count
    shapesOf = [Range<Int>](repeating: 0..<0, count: count)
    producer = [Int](repeating: -1, count: graph.values.count)
    leader = Array(0..<count)
    sources = [[Int]](repeating: [], count: count)
    met = [Int](repeating: 0, count: count)
    for i in graph.instructions.indices where !views.isView(graph.instructions[i].results) {
      let first = shapes.count
      for c in views.computations(i) ?? [] {
        let shape = StageShape(
          c, of: i, in: graph, views: views, outputs: outputs, classes: &classes)
        // A box of a result is not a value others may take from a register.
        if !shape.isBox { producer[shape.value.index] = shapes.count }
        shapes.append(shape)
      }
      shapesOf[i] = first..<shapes.count
    }
    place = [Int](repeating: 0, count: shapes.count)
    // A value that is not there for every point of a computation has to be read from memory.
    var kept = outputs
    for source in shapes.lazy.flatMap(\.sources) where !source.guards.isEmpty {
      kept.insert(source.base)
    }
    isFree = graph.instructions.indices.map { [shapesOf, shapes] i in
      let instruction = graph.instructions[i]
      return instruction.operands.isEmpty && !shapesOf[i].isEmpty
        && shapes[shapesOf[i]].allSatisfy { $0.computation.axes.isEmpty }
        && !instruction.results.contains { kept.contains($0) }
    }
  }

  static func run(_ graph: Graph) throws -> Graph {
    var fusion = Fusion(graph)
    fusion.group()
    return try fusion.emitted()
  }

  /// The members of an instruction's kernel, or nil if it is in none.
  func members(_ i: Int) -> [Int]? { groups[unit(i)]?.members }

  /// The first instruction of an instruction's kernel; itself outside of kernels.
  func unit(_ i: Int) -> Int {
    var i = i
    while leader[i] != i { i = leader[i] }
    return i
  }

  /// The computations that a computation takes values from.
  func inputs(of shape: StageShape) -> [Int] {
    shape.sources.compactMap { producer[$0.base.index] < 0 ? nil : producer[$0.base.index] }
  }

  /// The place of a computation in a group, if it is in it.
  func place(of shape: Int, in group: Int) -> Int? {
    unit(shapes[shape].instruction) == unit(group) ? place[shape] : nil
  }

  // MARK: - Grouping

  mutating func group() {
    for i in graph.instructions.indices {
      for o in graph.instructions[i].operands {
        guard let d = views.definitions[views.base(of: o).index], !isFree[d] else { continue }
        if !sources[i].contains(d) { sources[i].append(d) }
      }
      if !shapesOf[i].isEmpty && !isFree[i] { join(i) }
    }
  }

  private mutating func join(_ x: Int) {
    var kernels: [Int] = []
    for d in sources[x] {
      let u = unit(d)
      if groups[u] != nil, !kernels.contains(u) { kernels.append(u) }
    }
    kernels.sort(by: >)
    // All of them at once, else one at a time, the latest first.
    if kernels.count > 1, accept(kernels, x) { return }
    guard kernels.contains(where: { accept([$0], x) }) else {
      if case .success(let own) = GroupCandidate.make([x], Array(shapesOf[x]), in: self) {
        settle(own)
      }
      trace.decisions.append(FusionTrace.Decision(instruction: x, kernels: []))
      return
    }
    // Others may still be merged with the group that x is now in.
    for k in kernels where groups[k] != nil && k != unit(x) { _ = accept([unit(x), k], nil) }
  }

  /// Puts the groups and the instruction together if that makes one kernel.
  private mutating func accept(_ kernels: [Int], _ x: Int?) -> Bool {
    let mark = classes.joined.count
    let refusal = refusal(kernels, x, mark)
    if refusal != nil { classes.undo(to: mark) }
    trace.decisions.append(
      FusionTrace.Decision(instruction: x, kernels: kernels, refusal: refusal))
    return refusal == nil
  }

  private mutating func refusal(_ kernels: [Int], _ x: Int?, _ mark: Int) -> FusionRefusal? {
    let size = kernels.reduce(x == nil ? 0 : 1) { $0 + groups[$1]!.members.count }
    if size > GroupCandidate.sizeLimit { return .size(GroupCandidate.sizeLimit) }
    let added = x.map { Array(shapesOf[$0]) } ?? []
    let readers = kernels.count > 1 ? kernels.flatMap { groups[$0]!.shapes } + added : added
    trace.looks += readers.count
    for r in readers {
      for source in shapes[r].sources {
        let p = producer[source.base.index]
        guard p >= 0, case let u = unit(shapes[p].instruction), kernels.contains(u),
          u != unit(shapes[r].instruction)
        else { continue }
        if let refusal = shapes[r].connect(source, to: shapes[p], &classes) { return refusal }
      }
    }
    if let refusal = path(around: kernels, x) { return refusal }
    if kernels.count == 1, let x {
      var group = groups.removeValue(forKey: kernels[0])!
      switch group.add(x, shapesOf[x], since: mark, in: self) {
      case .success:
        for (k, s) in shapesOf[x].enumerated() {
          place[s] = group.shapes.count - shapesOf[x].count + k
        }
        groups[kernels[0]] = group
        unite([x], kernels[0])
        return nil
      case .failure(let refusal):
        groups[kernels[0]] = group
        return refusal
      case nil:
        groups[kernels[0]] = group
      }
    }
    trace.looks += size
    let members = (kernels.flatMap { groups[$0]!.members } + (x.map { [$0] } ?? [])).sorted()
    switch GroupCandidate.make(members, members.flatMap { Array(shapesOf[$0]) }, in: self) {
    case .failure(let refusal): return refusal
    case .success(let group):
      for k in kernels { groups[k] = nil }
      settle(group)
      unite(kernels + (x.map { [$0] } ?? []), members[0])
      return nil
    }
  }

  private mutating func settle(_ group: GroupCandidate) {
    for (i, s) in group.shapes.enumerated() { place[s] = i }
    groups[group.members[0]] = group
  }

  /// Makes units one, named by `first`, with the sources of all.
  private mutating func unite(_ units: [Int], _ first: Int) {
    for u in units where u != first {
      leader[u] = first
      sources[first] += sources[u]
      sources[u] = []
    }
  }

  /// Whether something outside the kernels, or in one for another, lies between their members.
  ///
  /// A path that leaves one kernel and ends in the same one would be there already. So paths end in
  /// the new instruction or, where kernels meet, in a member that takes values from outside.
  private mutating func path(around kernels: [Int], _ x: Int?) -> FusionRefusal? {
    searches += 1
    let first = kernels.min()!
    var pending: [Int] = []
    func isOwn(_ u: Int) -> Bool { kernels.contains(u) }
    for u in (kernels.count > 1 ? kernels : []) + (x.map { [$0] } ?? []) {
      met[u] = searches
      for s in sources[u] where !isOwn(unit(s)) { pending.append(unit(s)) }
    }
    var count = 0
    while let u = pending.popLast() {
      // Nothing before the first member can depend on a member.
      guard met[u] != searches, (groups[u]?.members.last ?? u) > first else { continue }
      met[u] = searches
      count += sources[u].count
      if count > Self.searchLimit { return .tooFar }
      for s in sources[u] {
        let v = unit(s)
        if isOwn(v) { return .between }
        if met[v] != searches { pending.append(v) }
      }
    }
    trace.looks += count
    return nil
  }
}
