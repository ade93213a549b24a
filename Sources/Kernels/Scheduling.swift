package import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

extension Kernel {
  /// The kernel of a `fused` region: its computations, scheduled for a machine.
  package init(_ region: Graph, name: String, machine: Machine) throws {
    let group = try FusionGroup(region, name: name).mergingAxes()
    self = try group.kernel(machine: machine)
    flops = group.flops
    bytes = (region.parameters + region.results).reduce(Dim(0)) { total, v in
      let type = region.type(of: v)
      return total + type.elementCount * Dim(type.dtype.byteCount)
    }
  }
}

extension FusionGroup {
  /// The operations of all stages, each counted once for each of its points; joining counts one.
  var flops: Dim {
    stages.reduce(Dim(0)) { total, stage in
      let points = (stage.axes + stage.reduced).reduce(Dim(1)) { $0 * axes[$1] }
      return total + points * Dim(stage.body.flops + (stage.combiner == nil ? 0 : 1))
    }
  }

  var outline: GroupOutline {
    GroupOutline(
      axes: axes.indices.filter { axes[$0] != 1 },
      stages: stages.enumerated().map { i, stage in
        let inputs = stage.reads.compactMap { if case .stage(let s) = $0 { s } else { nil } }
        return GroupOutline.Stage(
          axes: stage.axes, reduced: stage.reduced, combiner: stage.combiner, inputs: inputs,
          needsTile: stage.needsTile, readsMemoryOnly: inputs.isEmpty, isBox: false,
          instruction: i)
      })
  }

  func kernel(machine: Machine) throws -> Kernel {
    if isBoxes {
      // One nest for each box, one after the other.
      var body: [Statement] = []
      var buffers = self.buffers
      for stage in stages {
        var single = self
        single.isBoxes = false
        single.stages = [stage]
        // Axes of the other boxes are not there.
        let own = Set(stage.axes + stage.reduced)
        single.axes = axes.indices.map { own.contains($0) ? axes[$0] : 1 }
        let kernel = try single.mergingAxes().kernel(machine: machine)
        guard kernel.buffers.count == self.buffers.count else {
          throw InternalError("a box of \(name) needs memory of its own")
        }
        buffers = kernel.buffers
        // Boxes number their registers and axes alike; those that are not parallel loops get a block.
        let isOpen = kernel.body.contains { if case .parallel = $0 { false } else { true } }
        body += isOpen ? [.conditional([.nonNegative(0)], kernel.body)] : kernel.body
      }
      return Kernel(name: name, buffers: buffers, body: body)
    }
    let outline = self.outline
    switch Split.of(outline) {
    case .rows(let outer, let inner):
      guard let roles = RowRoles(outline, outer: Set(outer), inner: Set(inner)) else {
        throw InternalError("no roles for the stages of \(name)")
      }
      var schedule = RowSchedule(self, outer: outer, inner: inner, roles: roles.roles)
      let body = schedule.statements()
      return Kernel(name: name, buffers: schedule.buffers, body: body)
    case .tile(let anchor):
      var schedule = TileSchedule(self, anchor: anchor, machine: machine)
      let body = schedule.statements()
      return Kernel(name: name, buffers: schedule.buffers, body: body)
    case .boxes, nil:
      throw InternalError("no schedule for \(self)")
    }
  }
}
