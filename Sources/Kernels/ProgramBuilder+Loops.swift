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
    let steps = try self.steps(of: body, &inner, isOutermost: false)
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
