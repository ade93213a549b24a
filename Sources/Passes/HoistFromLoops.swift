package import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Takes out of loops what need not run once a step.
///
///     %1, %2 = scan %h, %xs, %w, %u, %v { … (%h, %x, %w, %u, %v)
///       %a = contract %x, %w …              // of the row alone
///       %b = contract %h, %u …
///       …
///       %y = contract %next, %v …           // only handed out
///       return %next, %y }
/// ->
///     %a = contract %xs, %w : f32[time, …]  // all rows at once
///     %1, %2 = scan %h, %a, %u { … return %next, %next }
///     %3 = contract %2, %v : f32[time, …]
///
/// What is the same in every step is computed before the loop. Products of rows with what does not
/// change become one product of the whole sequence before the loop; products that only leave it, one
/// after it. A loop without carries whose steps have batched forms is no loop any more.
package let hoistFromLoops = Pass.everywhere(
  "hoist-from-loops", "Take out of loops what need not run once a step."
) { graph in
  guard graph.instructions.contains(where: { $0.op is Scan }) else { return graph }
  return try graph.rebuilt { builder, instruction, _ in
    guard let scan = instruction.op as? Scan else { return nil }
    var hoisting = Hoisting(scan, instruction)
    return try hoisting.run(&builder)
  }
}

private struct Hoisting {
  private enum Kind {
    /// The same in every step.
    case invariant
    /// A function of the rows of sequences.
    case row
    case varying
  }

  private let scan: Scan
  private let instruction: Graph.Instruction
  private let body: Graph
  private let definitions: [Int?]
  private let uses: [Int]
  private var kinds: [Kind]
  /// Values of the body outside of the loop: themselves, or the stack of their rows.
  private var outside: [ValueID: ValueID] = [:]
  /// Values that the new body is handed: as captures or as rows.
  private var hoisted: [ValueID] = []
  /// Outputs that are computed after the loop: the value of the body whose stack that needs, and the
  /// instructions from there on.
  private var sunk: [Int: (value: ValueID, tail: [Int])] = [:]

  init(_ scan: Scan, _ instruction: Graph.Instruction) {
    self.scan = scan
    self.instruction = instruction
    body = instruction.regions[0]
    definitions = body.definitions()
    uses = body.useCounts()
    kinds = Array(repeating: .varying, count: body.values.count)
    let lead = scan.carries + scan.sequences
    for (k, p) in body.parameters.enumerated() where k >= scan.carries {
      kinds[p.index] = k < lead ? .row : .invariant
      outside[p] = instruction.operands[k]
    }
    for i in body.instructions {
      let operands = i.operands.map { kinds[$0.index] }
      var kind = Kind.varying
      if !i.op.facts.canFail, !operands.contains(.varying) {
        kind = operands.contains(.row) ? (i.regions.isEmpty ? .row : .varying) : .invariant
      }
      for r in i.results { kinds[r.index] = kind }
    }
  }

  /// The values that stand for the loop's results, or nil when nothing moves.
  mutating func run(_ builder: inout GraphBuilder) throws -> [ValueID]? {
    for i in body.instructions where isWorthHoisting(i) {
      if try move(i, &builder) { hoisted += i.results }
    }
    hoisted = hoisted.filter { isNeededInside($0) }
    for j in scan.carries..<body.results.count { findTail(of: j) }
    var direct: [Int: ValueID] = [:]
    for j in scan.carries..<body.results.count
    where kinds[body.results[j].index] == .row && isMade(j) {
      if let stack = outside[body.results[j]] { direct[j] = stack }
    }
    let isNew = hoisted.contains { definitions[$0.index] != nil }
    guard isNew || !sunk.isEmpty || !direct.isEmpty else { return nil }
    return try emit(&builder, direct)
  }

  private func isMade(_ output: Int) -> Bool { definitions[body.results[output].index] != nil }

  // MARK: - Before the loop

  private func isWorthHoisting(_ i: Graph.Instruction) -> Bool {
    switch kinds[i.results[0].index] {
    case .varying: false
    case .invariant: !i.op.facts.isFree && !i.operands.isEmpty
    case .row: scan.carries == 0 || i.op is Contract || i.op is any ConvolutionOp
    }
  }

  /// Whether some instruction that stays, or a result, reads the value.
  private func isNeededInside(_ v: ValueID) -> Bool {
    if body.results.contains(v) { return true }
    let all = Set(hoisted)
    return body.instructions.contains { i in
      i.operands.contains(v) && !i.results.allSatisfy { all.contains($0) }
    }
  }

  /// Puts an instruction, and what it needs, before the loop; false if that cannot be.
  private mutating func move(_ i: Graph.Instruction, _ builder: inout GraphBuilder) throws -> Bool {
    if outside[i.results[0]] != nil { return true }
    // Operands come first; a chain may be long.
    var pending = [i]
    while let next = pending.last {
      if outside[next.results[0]] != nil {
        pending.removeLast()
        continue
      }
      let open = next.operands.compactMap { o in
        outside[o] == nil ? definitions[o.index] : nil
      }
      if open.isEmpty {
        guard try place(next, &builder) else { return false }
        pending.removeLast()
      } else {
        pending += open.map { body.instructions[$0] }
      }
    }
    return true
  }

  private mutating func place(
    _ i: Graph.Instruction, _ builder: inout GraphBuilder
  ) throws -> Bool {
    let operands = i.operands.map { outside[$0]! }
    let location = builder.location
    builder.location = body.location(of: i)
    defer { builder.location = location }
    let results: [ValueID]
    if kinds[i.results[0].index] == .invariant {
      results = try builder.emit(i.op, operands, regions: i.regions)
    } else {
      let x = BatchedOperands(
        operands, isBatched: i.operands.map { kinds[$0.index] == .row }, size: scan.length)
      guard
        let made = try batched(i.op, x, types: i.operands.map { body.type(of: $0) }, &builder)
      else { return false }
      results = made
    }
    for (r, v) in zip(i.results, results) { outside[r] = v }
    return true
  }

  // MARK: - After the loop

  /// Follows an output back through ops that only serve it to a product with something invariant.
  private mutating func findTail(of output: Int) {
    var v = body.results[output]
    var tail: [Int] = []
    while uses[v.index] == 1, kinds[v.index] == .varying, let d = definitions[v.index] {
      let i = body.instructions[d]
      let varying = i.operands.filter { kinds[$0.index] == .varying }
      let others = i.operands.filter { kinds[$0.index] != .varying }
      guard varying.count == 1, i.results.count == 1, i.regions.isEmpty, !i.op.facts.canFail,
        others.allSatisfy({ outside[$0] != nil || isFreeInvariant($0) })
      else { return }
      tail.append(d)
      if i.op is Contract {
        sunk[output] = (varying[0], tail.reversed())
        return
      }
      guard i.op.facts.isElementwise || i.op.facts.isFree else { return }
      v = varying[0]
    }
  }

  /// A constant, or a view of an invariant: made again after the loop.
  private func isFreeInvariant(_ v: ValueID) -> Bool { kinds[v.index] == .invariant }

  // MARK: - The new loop

  private mutating func emit(
    _ builder: inout GraphBuilder, _ direct: [Int: ValueID]
  ) throws -> [ValueID] {
    let lead = scan.carries + scan.sequences
    let rows = hoisted.filter { kinds[$0.index] == .row }
    let fixed = hoisted.filter { kinds[$0.index] == .invariant }
    var inner = GraphBuilder(name: body.name)
    var map: [ValueID: ValueID] = [:]
    func parameter(_ v: ValueID) {
      map[v] = inner.addParameter(body.type(of: v), name: body.values[v.index].name)
    }
    body.parameters[..<lead].forEach(parameter)
    rows.forEach(parameter)
    body.parameters[lead...].forEach(parameter)
    fixed.forEach(parameter)
    for r in body.requirements { inner.require(r, at: r.location) }
    for i in body.instructions where i.results.contains(where: { map[$0] == nil }) {
      let made = inner.append(
        i.op, i.operands.map { map[$0]! }, types: i.results.map { body.type(of: $0) },
        names: i.results.map { body.values[$0.index].name }, regions: i.regions,
        at: body.location(of: i))
      for (r, v) in zip(i.results, made) where map[r] == nil { map[r] = v }
    }
    // What the loop gives: the outputs that stay, and what those computed afterwards need.
    var given: [ValueID] = []
    func number(_ v: ValueID) -> Int {
      if let n = given.firstIndex(of: v) { return n }
      given.append(v)
      return given.count - 1
    }
    let outputs = scan.carries..<body.results.count
    let numbers = outputs.map { j -> Int? in
      direct[j] != nil ? nil : number(sunk[j]?.value ?? body.results[j])
    }
    inner.setResults((body.results[..<scan.carries] + given).map { map[$0]! })
    var op = scan
    op.sequences += rows.count
    let operands =
      instruction.operands[..<lead] + rows.map { outside[$0]! } + instruction.operands[lead...]
      + fixed.map { outside[$0]! }
    let made =
      scan.carries == 0 && given.isEmpty
      ? [] : try builder.emit(op, Array(operands), regions: [inner.graph])
    var results = Array(made[..<scan.carries])
    for (j, n) in zip(outputs, numbers) {
      guard let n else {
        results.append(direct[j]!)
        continue
      }
      let stack = made[scan.carries + n]
      results.append(try sunk[j].map { try finish($0, from: stack, &builder) } ?? stack)
    }
    return results
  }

  /// The instructions of a tail on the stack of what they begin with.
  private mutating func finish(
    _ part: (value: ValueID, tail: [Int]), from stack: ValueID, _ builder: inout GraphBuilder
  ) throws -> ValueID {
    var current = stack
    var isCurrent = part.value
    for d in part.tail {
      let i = body.instructions[d]
      for o in i.operands where o != isCurrent && outside[o] == nil {
        guard let definition = definitions[o.index],
          try move(body.instructions[definition], &builder)
        else { throw InternalError("an operand of \(i.op.mnemonic) stayed in its loop") }
      }
      let x = BatchedOperands(
        i.operands.map { $0 == isCurrent ? current : outside[$0]! },
        isBatched: i.operands.map { $0 == isCurrent || kinds[$0.index] == .row },
        size: scan.length)
      let types = i.operands.map { body.type(of: $0) }
      guard let made = try batched(i.op, x, types: types, &builder) else {
        throw InternalError("\(i.op.mnemonic) has no batched form")
      }
      current = made[0]
      isCurrent = i.results[0]
    }
    return current
  }
}
