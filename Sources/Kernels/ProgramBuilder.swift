package import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

extension Program {
  /// The program of a fused graph. Parameters that are variables come as `variable`, others as
  /// `input`, each kind in order.
  package init(_ graph: Graph, machine: Machine) throws {
    var builder = ProgramBuilder(machine: machine)
    self = try builder.build(graph)
  }
}

struct ProgramBuilder {
  let machine: Machine
  var program = Program()
  var known: [Kernel: Int] = [:]
  var dense: [DenseData: Int] = [:]
  /// Workspace: for each slot until which step it is taken, and slots of temporaries.
  var slotFreeAfter: [Int] = []
  /// The number of the step being built at the outermost level.
  var clock = 0
  /// How many loops there are so far.
  var loopCount = 0
  /// What runs once before the loop that is being built.
  var preparations: [Program.Step] = []

  init(machine: Machine) { self.machine = machine }

  mutating func build(_ graph: Graph) throws -> Program {
    var places: [ValueID: Program.Place] = [:]
    var variableNumber: [ValueID: Int] = [:]
    for p in graph.parameters {
      if graph.variables.contains(p) {
        variableNumber[p] = program.variableTypes.count
        places[p] = .variable(program.variableTypes.count)
        program.variableTypes.append(graph.type(of: p))
      } else {
        places[p] = .input(program.inputTypes.count)
        program.inputTypes.append(graph.type(of: p))
      }
    }
    for (i, r) in graph.results.enumerated() {
      guard places[r] == nil else { throw InternalError("result \(i) has no buffer of its own") }
      places[r] = .output(i)
      program.outputTypes.append(graph.type(of: r))
    }
    for (i, u) in graph.updates.enumerated() {
      guard places[u.becomes] == nil else { throw InternalError("update \(i) has no buffer") }
      places[u.becomes] = .update(i)
      program.updates.append(
        (variable: variableNumber[u.variable]!, memory: memory(of: u, graph)))
    }
    shareScatteredMemory(graph, &places)
    program.steps = try steps(of: graph, &places, isOutermost: true)
    return program
  }

  /// What a scatter adds to is written where the sum will be, if it has no other use: the sum then
  /// touches only the rows that it changes.
  private func shareScatteredMemory(_ graph: Graph, _ places: inout [ValueID: Program.Place]) {
    let definitions = graph.definitions()
    let uses = graph.useCounts()
    for instruction in graph.instructions.reversed() {
      guard case .scatter = graph.lowering(of: instruction),
        let place = places[instruction.results[0]], uses[instruction.operands[0].index] == 1,
        let d = definitions[instruction.operands[0].index], places[instruction.operands[0]] == nil
      else { continue }
      switch graph.lowering(of: graph.instructions[d]) {
      case .scatter, .fused: places[instruction.operands[0]] = place
      default: break
      }
    }
  }

  /// Whether a scatter's result is in the memory of what it adds to.
  private func isInPlace(_ base: Program.Place, _ result: Program.Place) -> Bool {
    if base == result { return true }
    guard case .variable(let v) = base, case .update(let u) = result else { return false }
    return program.updates[u].variable == v && program.updates[u].memory == .partial
  }

  // MARK: - Steps

  /// - Parameter fixed: the values that are the same in each of many runs of the steps.
  mutating func steps(
    of graph: Graph, _ places: inout [ValueID: Program.Place], isOutermost: Bool,
    fixed: Set<ValueID> = []
  ) throws -> [Program.Step] {
    var steps: [Program.Step] = []
    let lastUse = graph.lastUses()
    let timeLoops = try graph.timeLoops(lastUse)
    let unread = graph.unread(timeLoops)
    let uses = graph.useCounts()
    for (index, instruction) in graph.instructions.enumerated() where !unread.contains(index) {
      if isOutermost { clock = index }
      let types = instruction.operands.map { graph.type(of: $0) }
      let results = instruction.results.map { graph.type(of: $0) }
      func place(_ v: ValueID) throws -> Program.Place {
        guard let p = places[v] else { throw InternalError("%\(v.raw) has no place") }
        return p
      }
      /// Gives results without a place a slot of the workspace.
      func settle() {
        for r in instruction.results where places[r] == nil {
          let type = graph.type(of: r)
          places[r] = slot(
            bytes: type.elementCount * Dim(type.dtype.byteCount),
            until: isOutermost ? lastUse[r.index] : clock)
        }
      }
      switch instruction.op.lowering(types, results) {
      case .fused:
        settle()
        var (kernel, preparation) = try Kernel.scheduled(
          instruction.regions[0], name: (instruction.op as? Fused)?.name ?? "kernel",
          machine: machine,
          fixed: Set(
            instruction.operands.indices.filter { fixed.contains(instruction.operands[$0]) })
        )
        var buffers = try (instruction.operands + instruction.results).map { try place($0) }
        // The caller's results, if nothing here reads them again.
        let leaving = instruction.results.indices.filter { i in
          guard case .output = buffers[instruction.operands.count + i] else { return false }
          return uses[instruction.results[i].index] == 1
        }
        kernel.stream(
          leaving.map { instruction.operands.count + $0 }, from: machine.streamedBytes)
        if let preparation {
          let result = slot(bytes: Program.rounded(preparation.bytes), until: clock)
          preparations.append(
            run(preparation.kernel, preparation.operands.map { buffers[$0] } + [result]))
          buffers.append(result)
        }
        steps.append(run(kernel, buffers))
      case .reshape:
        places[instruction.results[0]] = try place(instruction.operands[0])
      case .check(let check):
        places[instruction.results[0]] = try place(instruction.operands[0])
        let number = program.checks.count
        program.checks.append(
          Program.CheckPoint(
            check: check, location: graph.location(of: instruction),
            values: try zip(instruction.operands, types).map { (try place($0), $1) }))
        let checked = instruction.operands[check.operand]
        let kernel = Kernel.check(
          graph.type(of: checked), check, location: number, name: graph.displayName(checked))
        steps.append(run(kernel, [try place(checked)]))
        steps.append(.checks(location: number))
      case .print(let label):
        let shown = try place(instruction.operands[0])
        places[instruction.results[0]] = shown
        program.prints.append((label: label, type: types[0]))
        steps.append(.print(number: program.prints.count - 1, shown))
      case .barrier:
        places[instruction.results[0]] = try place(instruction.operands[0])
      case .data(let tensor):
        let data = DenseData(tensor)
        if dense[data] == nil {
          dense[data] = program.constants.count
          program.constants.append(tensor)
        }
        places[instruction.results[0]] = .constant(dense[data]!)
      case .scatter(let scatter):
        settle()
        let buffers = try (instruction.operands + instruction.results).map { try place($0) }
        let kernel = Kernel.scatter(
          scatter, types, isInPlace: isInPlace(buffers[0], buffers[3]))
        steps.append(run(kernel, buffers))
      case .prefix(let prefix):
        settle()
        steps.append(
          run(
            Kernel.prefix(prefix, types[0]),
            try (instruction.operands + instruction.results).map { try place($0) }))
      case .order(let ordering):
        settle()
        steps.append(
          run(
            Kernel.order(ordering, types[0]),
            try (instruction.operands + instruction.results).map { try place($0) }))
      case .routine(let routine):
        settle()
        steps.append(
          run(
            Kernel.routine(routine, types, results),
            try (instruction.operands + instruction.results).map { try place($0) }))
      case .branch:
        settle()
        var sides: [[Program.Step]] = []
        for region in instruction.regions {
          var inner: [ValueID: Program.Place] = [:]
          for (p, o) in zip(region.parameters, instruction.operands.dropFirst()) {
            inner[p] = try place(o)
          }
          for (r, own) in zip(region.results, instruction.results) {
            guard inner[r] == nil else { throw InternalError("a region's result has no buffer") }
            inner[r] = try place(own)
          }
          sides.append(try self.steps(of: region, &inner, isOutermost: false))
        }
        steps.append(
          .branch(
            condition: try place(instruction.operands[0]), then: sides[0], otherwise: sides[1]))
      case .loop(let loop):
        if var whole = timeLoops[index] {
          steps.append(
            try timeLoop(
              &whole, instruction, graph, &places,
              until: { isOutermost ? lastUse[$0.index] : nil }))
          continue
        }
        let around = preparations
        preparations = []
        let stepLoop = try self.loop(
          loop, instruction, graph, &places,
          until: { isOutermost ? lastUse[$0.index] : nil },
          isUsed: { lastUse[$0.index] > index })
        steps += preparations
        steps.append(.loop(stepLoop))
        preparations = around
      case .compute, .view, .inlined:
        throw InternalError("\(instruction.op.mnemonic) was left outside a kernel")
      }
    }
    return steps
  }

  mutating func run(_ kernel: Kernel, _ buffers: [Program.Place]) -> Program.Step {
    var buffers = buffers
    for b in kernel.buffers {
      guard case .temporary(let elements, let perWorker) = b.role else { continue }
      let bytes = Program.rounded(elements * Dim(b.dtype.byteCount))
      buffers.append(
        slot(bytes: perWorker ? bytes * Dim(named: Program.workers) : bytes, until: clock))
    }
    if let n = known[kernel] { return .run(kernel: n, buffers: buffers) }
    known[kernel] = program.kernels.count
    program.kernels.append(kernel)
    return .run(kernel: program.kernels.count - 1, buffers: buffers)
  }

  // MARK: - The workspace

  /// A slot that is free from now until after step `until`: one whose last tenant is gone and whose
  /// size fits, else a new one.
  mutating func slot(bytes: Dim, until: Int) -> Program.Place {
    var best: Int?
    for s in slotFreeAfter.indices where slotFreeAfter[s] < clock {
      let size = program.slots[s].bytes
      if size == bytes {
        best = s
        break
      }
      if let have = size.constant, let need = bytes.constant {
        // A constant slot may grow; prefer the one that wastes or grows least.
        let current = best.flatMap { program.slots[$0].bytes.constant }
        if current == nil || abs(have - need) < abs(current! - need) { best = s }
      }
    }
    if let s = best {
      if let have = program.slots[s].bytes.constant, let need = bytes.constant, need > have {
        program.slots[s].bytes = bytes
      }
      slotFreeAfter[s] = until
      return .slot(s)
    }
    program.slots.append(Program.Slot(bytes: bytes))
    slotFreeAfter.append(until)
    return .slot(program.slots.count - 1)
  }

  /// Where a variable's new value may be written: over the old one if nobody reads that after the
  /// kernel that writes, and that kernel reads it only where it writes.
  private func memory(of update: Graph.Update, _ graph: Graph) -> Program.UpdateMemory {
    let aliases = graph.aliases(of: update.variable)
    guard
      var writer = graph.instructions.firstIndex(where: { $0.results.contains(update.becomes) })
    else { return .separate }
    var isPartial = false
    // Sums into what is a sum into the variable.
    while case .scatter = graph.lowering(of: graph.instructions[writer]) {
      let base = graph.instructions[writer].operands[0]
      isPartial = true
      if base == update.variable { break }
      guard let d = graph.instructions[..<writer].lastIndex(where: { $0.results.contains(base) })
      else { return .separate }
      writer = d
    }
    guard isPartial || graph.instructions[writer].op is Fused else { return .separate }
    let first = graph.instructions[writer]
    if isPartial {
      guard case .scatter = graph.lowering(of: first),
        !first.operands.dropFirst().contains(where: { aliases.contains($0) })
      else { return .separate }
    }
    // An error found later must leave the variable as it was.
    for instruction in graph.instructions[(writer + 1)...] {
      if instruction.operands.contains(where: { aliases.contains($0) }) { return .separate }
      if instruction.op.facts.canFail || !instruction.regions.isEmpty && !(instruction.op is Fused)
      {
        return .separate
      }
    }
    if isPartial { return .partial }
    return isWrittenWhereRead(graph, update, writer, aliases) ? .inPlace : .separate
  }

  /// Whether the kernel that writes an update reads the variable only where it writes.
  private func isWrittenWhereRead(
    _ graph: Graph, _ update: Graph.Update, _ writer: Int, _ aliases: Set<ValueID>
  ) -> Bool {
    let instruction = graph.instructions[writer]
    let region = instruction.regions[0]
    guard let group = try? FusionGroup(region, name: "").mergingAxes() else { return false }
    let inputs = instruction.operands.indices.filter { aliases.contains(instruction.operands[$0]) }
    let output = instruction.operands.count + instruction.results.firstIndex(of: update.becomes)!
    guard let place = group.stages.flatMap(\.writes).first(where: { $0.buffer == output })?.index
    else { return false }
    for stage in group.stages {
      for case .memory(let buffer, let index, let guards, _) in stage.reads
      where inputs.contains(buffer) {
        guard index == place, guards.isEmpty, stage.combiner == nil,
          Set(stage.axes) == Set(place.axes)
        else { return false }
      }
    }
    // Computed once: loops that the value does not vary along would read what they wrote.
    let loops = group.stages.reduce(into: Set<Int>()) { $0.formUnion($1.axes) }
    guard loops.isSubset(of: place.axes) else { return false }
    // A row kept for a later pass would be read again after it was overwritten.
    return group.stages.allSatisfy { $0.combiner == nil || $0.needsTile }
  }
}

extension Graph {
  /// For each value the last instruction that uses it or something that shares its memory.
  func lastUses() -> [Int] {
    var last = [Int](repeating: -1, count: values.count)
    for (i, instruction) in instructions.enumerated() {
      for o in instruction.operands { last[o.index] = i }
      for r in instruction.results { last[r.index] = max(last[r.index], i) }
    }
    for o in outputs { last[o.index] = Int.max }
    for instruction in instructions.reversed() where sharesMemory(instruction) {
      let o = instruction.operands[0].index
      last[o] = max(last[o], last[instruction.results[0].index])
    }
    return last
  }

  /// Whether the result is the operand's memory under another type.
  private func sharesMemory(_ i: Instruction) -> Bool {
    switch i.op.lowering(i.operands.map { type(of: $0) }, i.results.map { type(of: $0) }) {
    case .reshape, .check, .print, .barrier: true
    default: false
    }
  }

  /// The value and everything that shares its memory.
  func aliases(of value: ValueID) -> Set<ValueID> {
    var all: Set<ValueID> = [value]
    for instruction in instructions where sharesMemory(instruction) {
      if all.contains(instruction.operands[0]) { all.insert(instruction.results[0]) }
    }
    return all
  }
}
