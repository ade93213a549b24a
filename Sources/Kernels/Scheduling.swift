package import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

extension Kernel {
  /// The kernel of a `fused` region: its computations, scheduled for a machine.
  package init(_ region: Graph, name: String, machine: Machine) throws {
    self = try Kernel.scheduled(region, name: name, machine: machine).kernel
  }

  /// The kernel, and what need run but once for several runs of it.
  ///
  /// - Parameter fixed: the operands that are the same in all of these runs.
  static func scheduled(
    _ region: Graph, name: String, machine: Machine, fixed: Set<Int> = []
  ) throws -> (kernel: Kernel, preparation: Preparation?) {
    let joined = try FusionGroup(region, name: name).joiningProducts().removingUnusedStages()
    let group = joined.hasWinograd(machine) ? joined : joined.mergingAxes()
    var (kernel, preparation) = try group.kernel(machine: machine, fixed: fixed)
    kernel.flops = group.flops
    kernel.bytes = group.bytes
    return (kernel, preparation)
  }

  /// A kernel whose result another one takes, after its own operands and results.
  struct Preparation {
    var kernel: Kernel
    /// The operands of the other kernel that it reads, in the order of its own.
    var operands: [Int]
    /// The size of its result.
    var bytes: Dim
  }
}

extension FusionGroup {
  var outline: GroupOutline {
    GroupOutline(
      order: axes.indices.filter { axes[$0] != 1 }, extents: axes,
      stages: stages.enumerated().map { i, stage in
        GroupOutline.Stage(
          axes: AxisSet(stage.axes), reduced: AxisSet(stage.reduced), combiner: stage.combiner,
          inputs: stage.reads.compactMap { if case .stage(let s) = $0 { s } else { nil } },
          needsTile: stage.needsTile, isBox: false, instruction: i, fast: nil,
          isWritten: !stage.writes.isEmpty)
      })
  }

  /// Whether the group is a convolution by tiles, whose axes stay apart.
  func hasWinograd(_ machine: Machine) -> Bool {
    guard !isBoxes, case .tile(let anchor) = Split.of(outline) else { return false }
    return Winograd(self, anchor: anchor, machine: machine) != nil
  }

  /// A stage after those whose values it takes (constants, where a box has a neighbour of one number).
  private func stagesBehind(_ last: Int) -> [Stage] {
    var needed: Set<Int> = []
    var pending = [last]
    while let s = pending.popLast() {
      guard needed.insert(s).inserted else { continue }
      for case .stage(let i) in stages[s].reads { pending.append(i) }
    }
    let order = needed.sorted()
    return order.map { s in
      var stage = stages[s]
      if s != last { stage.writes = [] }
      stage.reads = stage.reads.map {
        if case .stage(let i) = $0 { .stage(order.firstIndex(of: i)!) } else { $0 }
      }
      return stage
    }
  }

  func kernel(
    machine: Machine, fixed: Set<Int> = []
  ) throws -> (kernel: Kernel, preparation: Kernel.Preparation?) {
    if isBoxes { return (try separately(machine: machine), nil) }
    if var schedule = TransposeSchedule(self) {
      return (Kernel(name: name, buffers: buffers, body: schedule.statements()), nil)
    }
    let outline = self.outline
    // The results of one op may have nothing in common, as the maxima of windows and their places.
    let isUnrelated = stages.count > 1 && outline.stages.allSatisfy(\.inputs.isEmpty)
    switch Split.of(outline, mustFit: !isUnrelated) {
    case .rows(let outer, let inner, let roles):
      var schedule = RowSchedule(
        self, outer: outer, inner: inner, roles: roles, machine: machine)
      let body = schedule.statements()
      return (Kernel(name: name, buffers: schedule.buffers, body: body), nil)
    case .unrolled(let axes):
      return try UnrolledGroup.of(self, axes).removingUnusedStages().mergingAxes()
        .kernel(machine: machine, fixed: fixed)
    case .tile(let anchor):
      let library = LibrarySchedule(self, anchor: anchor, machine: machine)
      var schedule = TileSchedule(
        self, anchor: anchor, machine: machine, fixed: library == nil ? fixed : [])
      let preparation = schedule.preparation()
      var body = schedule.statements()
      if let library { body = library.statements(otherwise: body) }
      return (Kernel(name: name, buffers: schedule.buffers, body: body), preparation)
    case .boxes, nil:
      guard isUnrelated else { throw InternalError("no schedule for \(self)") }
      return (try separately(machine: machine), nil)
    }
  }

  /// One nest for each stage, one after the other: they read nothing of each other's.
  private func separately(machine: Machine) throws -> Kernel {
    var body: [Statement] = []
    var buffers = self.buffers
    for s in stages.indices where !stages[s].writes.isEmpty {
      var single = self
      single.isBoxes = false
      single.stages = stagesBehind(s)
      single.buffers = buffers
      // Axes of the other stages are not there.
      let own = single.stages.reduce(into: Set<Int>()) { $0.formUnion($1.axes + $1.reduced) }
      single.axes = axes.indices.map { own.contains($0) ? axes[$0] : 1 }
      let kernel = try single.mergingAxes().kernel(machine: machine).kernel
      buffers = kernel.buffers
      // Nests number their registers and axes alike; what is no parallel loop gets a block.
      let isOpen = kernel.body.contains {
        switch $0 {
        case .parallel, .library: false
        default: true
        }
      }
      body += isOpen ? [.conditional([.nonNegative(0)], kernel.body)] : kernel.body
    }
    return Kernel(name: name, buffers: buffers, body: body)
  }

  /// Without the stages whose values neither leave the group nor are read in it.
  func removingUnusedStages() -> FusionGroup {
    var used = [Bool](repeating: false, count: stages.count)
    for (s, stage) in stages.enumerated().reversed() {
      used[s] = used[s] || !stage.writes.isEmpty
      guard used[s] else { continue }
      for case .stage(let i) in stage.reads { used[i] = true }
    }
    var number = [Int](repeating: -1, count: stages.count)
    var group = self
    group.stages = []
    for (s, stage) in stages.enumerated() where used[s] {
      number[s] = group.stages.count
      var kept = stage
      kept.reads = stage.reads.map { if case .stage(let i) = $0 { .stage(number[i]) } else { $0 } }
      group.stages.append(kept)
    }
    // Axes of what is gone are not there.
    let own = group.stages.reduce(into: Set<Int>()) { $0.formUnion($1.axes + $1.reduced) }
    group.axes = axes.indices.map { own.contains($0) ? axes[$0] : 1 }
    return group
  }
}
