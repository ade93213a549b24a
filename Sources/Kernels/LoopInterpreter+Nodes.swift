internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// A statement with its names resolved to places.
class LoopNode {
  func run(_ state: LoopState) throws {}
}

// MARK: - Control

final class LoopBlock: LoopNode {
  let axis: Int
  let from: LoopIndex
  let to: LoopIndex
  let step: Int
  let body: [LoopNode]

  init(axis: Int, from: LoopIndex, to: LoopIndex, step: Int, _ body: [LoopNode]) {
    self.axis = axis
    self.from = from
    self.to = to
    self.step = step
    self.body = body
  }

  override func run(_ state: LoopState) throws {
    var i = from.value(state)
    let end = to.value(state)
    while i < end {
      state.axes[axis] = i
      for node in body { try node.run(state) }
      i += step
    }
  }
}

final class ParallelBlock: LoopNode {
  let lower: Int
  let upper: Int
  let count: LoopIndex
  let body: [LoopNode]

  init(lower: Int, upper: Int, count: LoopIndex, _ body: [LoopNode]) {
    self.lower = lower
    self.upper = upper
    self.count = count
    self.body = body
  }

  override func run(_ state: LoopState) throws {
    try state.parallel(count.value(state)) { from, to in
      state.axes[lower] = from
      state.axes[upper] = to
      for node in body { try node.run(state) }
    }
  }
}

struct LoopGuard {
  let value: LoopIndex
  /// Nil for "not negative".
  let divisor: LoopIndex?

  func holds(_ state: LoopState) -> Bool {
    let x = value.value(state)
    guard let divisor else { return x >= 0 }
    let y = divisor.value(state)
    return y != 0 && x % y == 0
  }
}

final class ConditionalBlock: LoopNode {
  let guards: [LoopGuard]
  let body: [LoopNode]

  init(_ guards: [LoopGuard], _ body: [LoopNode]) {
    self.guards = guards
    self.body = body
  }

  override func run(_ state: LoopState) throws {
    for g in guards where !g.holds(state) { return }
    for node in body { try node.run(state) }
  }
}

final class BindNode: LoopNode {
  let axis: Int
  let value: LoopIndex
  init(_ axis: Int, _ value: LoopIndex) {
    self.axis = axis
    self.value = value
  }
  override func run(_ state: LoopState) { state.axes[axis] = value.value(state) }
}

// MARK: - Registers

final class OperationNode: LoopNode {
  let op: ScalarOp
  let dtype: DType
  let argumentType: DType
  let count: Int
  let target: Int
  let arguments: [Int]

  init(
    _ op: ScalarOp, dtype: DType, argumentType: DType, count: Int, target: Int, arguments: [Int]
  ) {
    self.op = op
    self.dtype = dtype
    self.argumentType = argumentType
    self.count = count
    self.target = target
    self.arguments = arguments
  }

  override func run(_ state: LoopState) {
    let lanes = state.lanes
    let out = lanes + target
    if case .constant(let bits) = op {
      for l in 0..<count { out[l] = bits }
      return
    }
    let a = lanes + arguments[0]
    let b = arguments.count > 1 ? lanes + arguments[1] : a
    let c = arguments.count > 2 ? lanes + arguments[2] : a
    for l in 0..<count {
      out[l] = ScalarEvaluator.apply(
        op, dtype: dtype, argumentType: argumentType, a[l], b[l], c[l])
    }
  }
}

/// A function's own program on the lanes, made once.
final class FunctionNode: LoopNode {
  let body: [LoopNode]
  let result: Int
  let target: Int
  let count: Int

  init(_ body: [LoopNode], result: Int, target: Int, count: Int) {
    self.body = body
    self.result = result
    self.target = target
    self.count = count
  }

  override func run(_ state: LoopState) throws {
    for node in body { try node.run(state) }
    (state.lanes + target).update(from: state.lanes + result, count: count)
  }
}

final class CopyNode: LoopNode {
  let source: Int
  let target: Int
  let count: Int
  let isSplat: Bool
  init(_ source: Int, target: Int, count: Int, isSplat: Bool) {
    self.source = source
    self.target = target
    self.count = count
    self.isSplat = isSplat
  }
  override func run(_ state: LoopState) {
    for l in 0..<count { state.lanes[target + l] = state.lanes[isSplat ? source : source + l] }
  }
}

final class InterleaveNode: LoopNode {
  let sources: [Int]
  let part: Int
  let target: Int
  let count: Int
  init(_ sources: [Int], part: Int, target: Int, count: Int) {
    self.sources = sources
    self.part = part
    self.target = target
    self.count = count
  }
  override func run(_ state: LoopState) {
    for l in 0..<count {
      state.lanes[target + l] = state.lanes[sources[l % 4] + (part * count + l) / 4]
    }
  }
}

final class IndexNode: LoopNode {
  let value: LoopIndex
  let step: LoopIndex
  let target: Int
  let count: Int
  init(_ value: LoopIndex, step: LoopIndex, target: Int, count: Int) {
    self.value = value
    self.step = step
    self.target = target
    self.count = count
  }
  override func run(_ state: LoopState) {
    let first = value.value(state)
    let step = step.value(state)
    for l in 0..<count { state.lanes[target + l] = UInt64(bitPattern: Int64(first + l * step)) }
  }
}

final class LanesBelowNode: LoopNode {
  let limit: LoopIndex
  let target: Int
  let count: Int
  init(_ limit: LoopIndex, target: Int, count: Int) {
    self.limit = limit
    self.target = target
    self.count = count
  }
  override func run(_ state: LoopState) {
    let n = limit.value(state)
    for l in 0..<count { state.lanes[target + l] = l < n ? 1 : 0 }
  }
}

final class ReduceLanesNode: LoopNode {
  let op: ScalarOp
  let dtype: DType
  let source: Int
  let target: Int
  let count: Int
  init(_ op: ScalarOp, _ dtype: DType, source: Int, target: Int, count: Int) {
    self.op = op
    self.dtype = dtype
    self.source = source
    self.target = target
    self.count = count
  }
  override func run(_ state: LoopState) {
    var values = (0..<count).map { state.lanes[source + $0] }
    var half = count / 2
    while half > 0 {
      for l in 0..<half {
        values[l] = ScalarEvaluator.apply(
          op, dtype: dtype, argumentType: dtype, values[l], values[l + half], 0)
      }
      half /= 2
    }
    state.lanes[target] = values[0]
  }
}

// MARK: - Memory

struct LoopAccess {
  let buffer: Int
  let index: LoopIndex
  let stride: LoopIndex
  let active: LoopIndex?
  let guards: [LoopGuard]
  let otherwise: UInt64
}

/// An access to memory, with its statement for messages.
class AccessNode: LoopNode {
  let statement: Statement
  init(_ statement: Statement) { self.statement = statement }

  func fault(_ what: String) -> InternalError { InternalError("\(what) in `\(statement)`") }

  func read(_ state: LoopState, _ memory: LoopBuffer, _ i: Int, lane: Int) throws -> UInt64 {
    guard i >= 0, i < memory.count else {
      throw fault("lane \(lane) loads element \(i) of \(memory.count)")
    }
    let mark = memory.marks[i]
    if mark == 0 { throw fault("lane \(lane) loads element \(i), which was never written,") }
    if state.isForeign(mark) {
      throw fault("lane \(lane) loads element \(i), which another worker writes,")
    }
    return memory.bits[i]
  }

  func write(
    _ state: LoopState, _ memory: LoopBuffer, _ i: Int, _ bits: UInt64, lane: Int
  ) throws {
    guard i >= 0, i < memory.count else {
      throw fault("lane \(lane) stores to element \(i) of \(memory.count)")
    }
    if state.isForeign(memory.marks[i]) {
      throw fault("lane \(lane) stores to element \(i), which another worker writes,")
    }
    memory.bits[i] = bits
    memory.marks[i] = state.mark
  }
}

final class LoadNode: AccessNode {
  let place: LoopAccess
  let target: Int
  let count: Int

  init(_ statement: Statement, _ place: LoopAccess, target: Int, count: Int) {
    self.place = place
    self.target = target
    self.count = count
    super.init(statement)
  }

  override func run(_ state: LoopState) throws {
    let out = state.lanes + target
    for g in place.guards where !g.holds(state) {
      for l in 0..<count { out[l] = place.otherwise }
      return
    }
    let memory = state.memory[place.buffer]
    let first = place.index.value(state)
    let stride = place.stride.value(state)
    let touched = place.active.map { max(0, min(count, $0.value(state))) } ?? count
    for l in 0..<touched { out[l] = try read(state, memory, first + l * stride, lane: l) }
    for l in touched..<count { out[l] = 0 }
  }
}

final class GatherNode: AccessNode {
  let buffer: Int
  let index: Int
  let active: LoopIndex?
  let target: Int
  let count: Int

  init(
    _ statement: Statement, buffer: Int, index: Int, active: LoopIndex?, target: Int, count: Int
  ) {
    self.buffer = buffer
    self.index = index
    self.active = active
    self.target = target
    self.count = count
    super.init(statement)
  }

  override func run(_ state: LoopState) throws {
    let memory = state.memory[buffer]
    let touched = active.map { max(0, min(count, $0.value(state))) } ?? count
    for l in 0..<count {
      state.lanes[target + l] =
        l < touched
        ? try read(
          state, memory, Int(truncatingIfNeeded: state.lanes[index + l]), lane: l) : 0
    }
  }
}

final class StoreNode: AccessNode {
  let place: LoopAccess
  let source: Int
  let count: Int

  init(_ statement: Statement, _ place: LoopAccess, source: Int, count: Int) {
    self.place = place
    self.source = source
    self.count = count
    super.init(statement)
  }

  override func run(_ state: LoopState) throws {
    for g in place.guards where !g.holds(state) { return }
    let memory = state.memory[place.buffer]
    let first = place.index.value(state)
    let stride = place.stride.value(state)
    let touched = place.active.map { max(0, min(count, $0.value(state))) } ?? count
    if stride == 0, touched > 1 { throw fault("\(touched) lanes store to one element") }
    for l in 0..<touched {
      try write(state, memory, first + l * stride, state.lanes[source + l], lane: l)
    }
  }
}

final class CheckNode: LoopNode {
  let source: Int
  let count: Int
  let dtype: DType
  let bound: LoopIndex
  let position: LoopIndex
  let location: Int

  init(
    _ source: Int, count: Int, dtype: DType, bound: LoopIndex, position: LoopIndex, location: Int
  ) {
    self.source = source
    self.count = count
    self.dtype = dtype
    self.bound = bound
    self.position = position
    self.location = location
  }

  override func run(_ state: LoopState) throws {
    let limit = bound.value(state)
    for l in 0..<count {
      let value = Int(truncatingIfNeeded: state.lanes[source + l])
      // The bits of a uint64 from 2^63 on are a negative number here: out of range as well.
      guard value >= 0, value < limit else {
        throw LoopIndexFailure(
          value: value, position: position.value(state) + l, bound: limit, location: location)
      }
    }
  }
}
