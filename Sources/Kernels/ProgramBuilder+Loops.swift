internal import GnomonIR
internal import GnomonTensors

extension ProgramBuilder {
  /// The steps of a loop, and where its carries and rows lie.
  ///
  /// - Parameters:
  ///   - until: the step at the outermost level until which a value is needed; nil for this one.
  ///   - isUsed: whether anyone reads a result.
  mutating func loop(
    _ form: Loop, _ instruction: Graph.Instruction, _ graph: Graph,
    _ places: inout [ValueID: Program.Place], until: (ValueID) -> Int?, isUsed: (ValueID) -> Bool
  ) throws -> Program.StepLoop {
    let number = loopCount
    loopCount += 1
    let body = instruction.regions[instruction.regions.count - 1]
    let operands = try instruction.operands.map { o in
      guard let p = places[o] else { throw InternalError("%\(o.raw) has no place") }
      return p
    }
    func bytes(_ type: TensorType) -> Dim { type.elementCount * Dim(type.dtype.byteCount) }
    for (k, r) in instruction.results.enumerated()
    where places[r] == nil && (k >= form.carries || isUsed(r)) {
      places[r] = slot(bytes: bytes(graph.type(of: r)), until: until(r) ?? clock)
    }

    var inner: [ValueID: Program.Place] = [:]
    let lead = form.carries + form.sequences
    for (k, p) in body.parameters.enumerated() {
      if k < form.carries {
        inner[p] = .carry(loop: number, k)
      } else if k < lead {
        inner[p] = .row(of: operands[k], loop: number, bytes: bytes(body.type(of: p)))
      } else {
        inner[p] = operands[k]
      }
    }
    for (r, own) in zip(body.results, instruction.results).dropFirst(form.carries) {
      guard inner[r] == nil else { throw InternalError("a region's result has no buffer") }
      inner[r] = .row(of: places[own]!, loop: number, bytes: bytes(body.type(of: r)))
    }
    var carries: [Program.Carry] = []
    for k in 0..<form.carries {
      let (value, own) = (body.results[k], instruction.results[k])
      let size = bytes(body.type(of: value))
      let target: Program.Carry.Target
      if let row = inner[value] {
        guard case .row = row else { throw InternalError("a region's carry has no buffer") }
        target = .row(row)
      } else {
        inner[value] = .next(loop: number, k)
        target = .alternating(
          places[own] ?? slot(bytes: size, until: clock), slot(bytes: size, until: clock))
      }
      carries.append(
        Program.Carry(initial: operands[k], target: target, result: places[own], bytes: size))
    }
    let count: Program.StepLoop.Count
    if let length = form.length {
      count = .times(length, isReversed: form.isReversed)
    } else {
      count = try condition(form, instruction, operands, number)
    }
    // A short loop is not worth preparations.
    let isLong = form.length?.constant.map { $0 >= 4 } ?? true
    let captures = body.parameters.dropFirst(lead).filter { _ in isLong }
    let fixed = captures.reduce(into: Set()) { $0.formUnion(body.aliases(of: $1)) }
    let steps = try self.steps(of: body, &inner, isOutermost: false, fixed: fixed)
    return Program.StepLoop(number: number, count: count, carries: carries, steps: steps)
  }

  /// What decides whether another step follows.
  private mutating func condition(
    _ form: Loop, _ instruction: Graph.Instruction, _ operands: [Program.Place], _ number: Int
  ) throws -> Program.StepLoop.Count {
    let region = instruction.regions[0]
    var inner: [ValueID: Program.Place] = [:]
    for (k, p) in region.parameters.enumerated() {
      inner[p] = k < form.carries ? .carry(loop: number, k) : operands[k]
    }
    let flag = slot(bytes: 1, until: clock)
    inner[region.results[0]] = flag
    return .whileTrue(try steps(of: region, &inner, isOutermost: false), flag)
  }
}

// Loops that are kernels.
extension ProgramBuilder {
  /// The run of a kernel that holds a whole loop.
  mutating func timeLoop(
    _ whole: inout TimeLoop, _ instruction: Graph.Instruction, _ graph: Graph,
    _ places: inout [ValueID: Program.Place], until: (ValueID) -> Int?
  ) throws -> Program.Step {
    var buffers: [Program.Place] = []
    var bytes = Dim(0)
    func size(_ v: ValueID) -> Dim {
      graph.type(of: v).elementCount * Dim(graph.type(of: v).dtype.byteCount)
    }
    for (k, o) in instruction.operands.enumerated() where whole.takes(k) {
      guard let place = places[o] else { throw InternalError("%\(o.raw) has no place") }
      buffers.append(place)
      bytes += size(o)
    }
    for (k, r) in instruction.results.enumerated() where whole.gives(k) {
      let place = places[r] ?? slot(bytes: size(r), until: until(r) ?? clock)
      places[r] = place
      buffers.append(place)
      bytes += size(r)
    }
    let name = instruction.regions[0].instructions.lazy.compactMap { ($0.op as? Fused)?.name }.first
    var kernel = whole.kernel(name: "loop_\(name ?? "")")
    kernel.flops = whole.flops
    kernel.bytes = bytes
    return run(kernel, buffers)
  }
}

extension Graph {
  /// The loops that become kernels, by their instruction.
  func timeLoops(_ lastUse: [Int]) throws -> [Int: TimeLoop] {
    var found: [Int: TimeLoop] = [:]
    for (i, instruction) in instructions.enumerated() {
      guard
        case .loop(let form) = instruction.op.lowering(
          instruction.operands.map { type(of: $0) }, instruction.results.map { type(of: $0) })
      else { continue }
      found[i] = try TimeLoop(form, instruction, in: self, isUsed: { lastUse[$0.index] > i })
    }
    return found
  }

  /// The kernels that only make constants which such loops know by themselves.
  func unread(_ loops: [Int: TimeLoop]) -> Set<Int> {
    if loops.isEmpty { return [] }
    var uses = useCounts()
    for (i, loop) in loops {
      for (k, o) in instructions[i].operands.enumerated() where !loop.takes(k) {
        uses[o.index] -= 1
      }
    }
    return Set(
      instructions.indices.filter { i in
        instructions[i].op is Fused && instructions[i].results.allSatisfy { uses[$0.index] == 0 }
      })
  }
}
