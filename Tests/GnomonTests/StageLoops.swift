import GnomonIR
import GnomonKernels
import GnomonTensors

/// What lies where while the steps of a program run.
struct StageMemory {
  var buffers: [Program.Place: LoopBuffer]
  /// The row at which each open loop stands.
  var rows: [Int: Int] = [:]

  func find(_ place: Program.Place, _ sizes: [String: Int]) throws -> LoopBuffer {
    guard case .row(let base, let loop, let bytes) = place else {
      guard let found = buffers[place] else { throw InternalError("nothing at \(place)") }
      return found
    }
    let whole = try find(base, sizes)
    guard let size = bytes.evaluated(names: sizes), let row = rows[loop] else {
      throw InternalError("no row at \(place)")
    }
    let count = size / whole.dtype.byteCount
    return try LoopBuffer(part: whole, from: row * count, count: count)
  }

  /// Whether the bool at a place, the first element of what may be a larger slot, is true.
  func isTrue(_ place: Program.Place, _ sizes: [String: Int]) throws -> Bool {
    try LoopBuffer(part: find(place, sizes), from: 0, count: 1).tensor(shape: []).bits[0] != 0
  }

  /// Makes memory for what is about to be written. A slot gets a new tenant: what an earlier one left
  /// must not be read.
  mutating func prepare(
    _ place: Program.Place, _ dtype: DType, _ program: Program, _ sizes: [String: Int]
  ) throws {
    switch place {
    case .slot(let s):
      guard let bytes = program.slots[s].bytes.evaluated(names: sizes) else {
        throw InternalError("slot \(s) has no size")
      }
      buffers[place] = LoopBuffer(uninitialized: dtype, count: bytes / dtype.byteCount)
    case .next:
      guard let bytes = nextBytes[place]?.evaluated(names: sizes) else {
        throw InternalError("\(place) has no size")
      }
      buffers[place] = LoopBuffer(uninitialized: dtype, count: bytes / dtype.byteCount)
    case .row(let base, _, _):
      // The first row to be written makes the whole.
      if !isPrepared(base) { try prepare(base, dtype, program, sizes) }
    default: break
    }
  }

  /// The sizes of what carries become.
  var nextBytes: [Program.Place: Dim] = [:]

  private func isPrepared(_ place: Program.Place) -> Bool {
    if case .row(let base, _, _) = place { return isPrepared(base) }
    return buffers[place] != nil
  }
}

extension StagedProgram {
  func runLoop(
    _ loop: Program.StepLoop, _ memory: inout StageMemory, _ sizes: [String: Int], _ workers: Int
  ) throws {
    let stacks = loop.writtenStacks(program)
    for (place, _) in stacks { memory.buffers[place] = nil }
    for (k, carry) in loop.carries.enumerated() {
      memory.buffers[.carry(loop: loop.number, k)] = try memory.find(carry.initial, sizes)
      memory.nextBytes[.next(loop: loop.number, k)] = carry.bytes
    }
    func step() throws {
      for k in loop.carries.indices { memory.buffers[.next(loop: loop.number, k)] = nil }
      try run(loop.steps, &memory, sizes, workers)
      for (k, carry) in loop.carries.enumerated() {
        let place: Program.Place
        if case .row(let row) = carry.target {
          place = row
        } else {
          place = .next(loop: loop.number, k)
        }
        memory.buffers[.carry(loop: loop.number, k)] = try memory.find(place, sizes)
      }
    }
    switch loop.count {
    case .times(let count, let isReversed):
      guard let n = count.evaluated(names: sizes) else { throw InternalError("no \(count)") }
      for i in 0..<n {
        memory.rows[loop.number] = isReversed ? n - 1 - i : i
        try step()
      }
    case .whileTrue(let condition, let flag):
      while true {
        try run(condition, &memory, sizes, workers)
        guard try memory.isTrue(flag, sizes) else { break }
        try step()
      }
    }
    // Of a loop without steps, stacks of no rows remain.
    for (place, dtype) in stacks where memory.buffers[place] == nil {
      try memory.prepare(place, dtype, program, sizes)
    }
    for (k, carry) in loop.carries.enumerated() {
      guard let result = carry.result else { continue }
      let last = try memory.find(.carry(loop: loop.number, k), sizes)
      try memory.prepare(result, last.dtype, program, sizes)
      // A slot may be larger than the carry that starts in it.
      guard let bytes = carry.bytes.evaluated(names: sizes) else {
        throw InternalError("a carry without a size")
      }
      try memory.find(result, sizes).copy(
        LoopBuffer(part: last, from: 0, count: bytes / last.dtype.byteCount))
    }
  }
}

extension Program.StepLoop {
  /// The slots whose rows the steps write: they get new tenants.
  fileprivate func writtenStacks(_ program: Program) -> [(place: Program.Place, dtype: DType)] {
    var found: [(place: Program.Place, dtype: DType)] = []
    func note(_ place: Program.Place, _ dtype: DType) {
      if case .row(let base, number, _) = place, case .slot = base { found.append((base, dtype)) }
    }
    func visit(_ steps: [Program.Step]) {
      for step in steps {
        switch step {
        case .run(let k, let places):
          for (buffer, place) in zip(program.kernels[k].buffers, places)
          where buffer.role == .output { note(place, buffer.dtype) }
        case .branch(_, let a, let b):
          visit(a)
          visit(b)
        case .loop(let inner):
          // What an inner loop leaves in a row has some dtype; without steps no element counts.
          for carry in inner.carries { if let result = carry.result { note(result, .uint8) } }
          visit(inner.steps)
        case .checks, .print: break
        }
      }
    }
    visit(steps)
    return found
  }
}
