internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// Resolves the names in a kernel to places, and refuses what would not be well-formed C: a register
/// used before it is defined or with other lanes, an axis bound twice in a block.
final class LoopCompiler {
  private let kernel: Kernel
  private let sizes: [String: Int]
  private let hasLibrary: Bool
  private(set) var laneCount = 0
  private(set) var axisCount = 0

  /// The names that are open, innermost block last.
  private struct Scope {
    var registers: [Int: (register: Register, place: Int)] = [:]
    var axes: [Int: Int] = [:]
    var isParallel = false
    /// Whether this stands for a function's border, across which no register is seen.
    var isBorder = false
  }
  private var scopes: [Scope] = []

  init(_ kernel: Kernel, sizes: [String: Int], hasLibrary: Bool) {
    self.kernel = kernel
    self.hasLibrary = hasLibrary
    self.sizes = sizes
  }

  func block(
    _ statements: [Statement], axes: [Int] = [], isTop: Bool = false, isParallel: Bool = false
  ) throws -> [LoopNode] {
    scopes.append(Scope(isParallel: isParallel))
    defer { scopes.removeLast() }
    for a in axes { try open(a) }
    return try statements.compactMap { statement in
      do { return try node(statement, isTop: isTop) } catch let error as InternalError {
        guard !error.message.contains("\n") else { throw error }
        throw InternalError("\(kernel.name): \(error.message) in\n\(statement)")
      }
    }
  }

  // MARK: - Names

  private func open(_ axis: Int) throws {
    guard scopes[scopes.count - 1].axes[axis] == nil else {
      throw InternalError("the axis i\(axis) is bound twice in one block")
    }
    scopes[scopes.count - 1].axes[axis] = axisCount
    axisCount += 1
  }

  private func axis(_ a: Int) throws -> Int {
    for scope in scopes.reversed() { if let place = scope.axes[a] { return place } }
    throw InternalError("the axis i\(a) is not open")
  }

  private func place(_ number: Int) throws -> (register: Register, place: Int) {
    var isAcross = false
    for scope in scopes.reversed() {
      if let known = scope.registers[number] {
        if isAcross { throw across(number) }
        return known
      }
      isAcross = isAcross || scope.isBorder
    }
    throw InternalError("the register r\(number) is not defined")
  }

  private func across(_ number: Int) -> InternalError {
    InternalError("a loop that stands apart uses the register r\(number) from outside")
  }

  private func place(_ r: Register) throws -> Int {
    let known = try place(r.number)
    guard known.register == r else {
      throw InternalError("the register r\(r.number) is \(known.register), used as \(r)")
    }
    return known.place
  }

  /// The place of a register that is given a value here.
  private func target(_ r: Register) throws -> Int {
    var isOutside = false
    var isAcross = false
    for scope in scopes.reversed() {
      if let known = scope.registers[r.number] {
        if isAcross { throw across(r.number) }
        guard known.register == r else {
          throw InternalError("the register r\(r.number) is \(known.register), given \(r)")
        }
        if isOutside { throw InternalError("workers share the register r\(r.number)") }
        return known.place
      }
      isOutside = isOutside || scope.isParallel
      isAcross = isAcross || scope.isBorder
    }
    let place = reserve(r.lanes)
    scopes[scopes.count - 1].registers[r.number] = (r, place)
    return place
  }

  private func reserve(_ lanes: Int) -> Int {
    laneCount += lanes
    return laneCount - lanes
  }

  private func index(_ d: Dim) throws -> LoopIndex {
    try LoopIndex(
      d, sizes: sizes, axis: axis,
      register: {
        let known = try place($0)
        guard known.register.lanes == 1, known.register.dtype == .int64 else {
          throw InternalError("the register r\($0) is no index")
        }
        return known.place
      })
  }

  private func guards(_ list: [Read.Guard]) throws -> [LoopGuard] {
    try list.map {
      switch $0 {
      case .nonNegative(let d): LoopGuard(value: try index(d), divisor: nil)
      case .divisible(let d, let by): LoopGuard(value: try index(d), divisor: try index(by))
      }
    }
  }

  private func access(_ a: Statement.Access, _ r: Register, isStore: Bool) throws -> LoopAccess {
    guard kernel.buffers.indices.contains(a.buffer) else {
      throw InternalError("there is no buffer b\(a.buffer)")
    }
    let buffer = kernel.buffers[a.buffer]
    guard buffer.dtype == r.dtype else {
      throw InternalError("b\(a.buffer) holds \(buffer.dtype), the register \(r.dtype)")
    }
    if isStore, buffer.role == .input { throw InternalError("b\(a.buffer) is an operand") }
    return LoopAccess(
      buffer: a.buffer, index: try index(a.index), stride: try index(a.stride),
      active: try a.active.map(index), guards: try guards(a.guards), otherwise: a.otherwise)
  }

  // MARK: - Statements

  private func node(_ statement: Statement, isTop: Bool) throws -> LoopNode? {
    switch statement {
    case .comment, .prefetch: return nil
    case .assign(let r, let value): return try assignment(r, value, statement)
    case .store(let r, let a):
      return StoreNode(
        statement, try access(a, r, isStore: true), source: try place(r), count: r.lanes)
    case .loop(let l):
      if l.isApart { scopes.append(Scope(isBorder: true)) }
      defer { if l.isApart { scopes.removeLast() } }
      let from = try index(l.from)
      let to = try index(l.to)
      guard l.step > 0 else { throw InternalError("a loop by \(l.step)") }
      // The axis belongs to the loop, and its place is the first one its block opens.
      let place = axisCount
      let body = try block(l.body, axes: [l.axis])
      return LoopBlock(axis: place, from: from, to: to, step: l.step, body)
    case .parallel(let p):
      guard isTop else { throw InternalError("a parallel loop within another block") }
      let count = try index(p.count)
      _ = try index(p.cost)
      let place = axisCount
      let body = try block(p.body, axes: [p.lower, p.upper], isParallel: true)
      return ParallelBlock(lower: place, upper: place + 1, count: count, body)
    case .library(let body, let otherwise):
      guard isTop else { throw InternalError("a choice of library within another block") }
      return ConditionalBlock(
        [], try (hasLibrary ? body : otherwise).compactMap { try node($0, isTop: true) })
    case .conditional(let list, let body):
      return ConditionalBlock(try guards(list), try block(body))
    case .bind(let a, let d):
      let value = try index(d)
      let place = axisCount
      try open(a)
      return BindNode(place, value)
    case .check(let r, let bound, let position, let location):
      return CheckNode(
        try place(r), count: r.lanes, dtype: r.dtype, bound: try index(bound),
        position: try index(position), location: location)
    case .transpose(let t):
      guard kernel.buffers[t.from].dtype == kernel.buffers[t.to].dtype else {
        throw InternalError("a transposition to another dtype")
      }
      if kernel.buffers[t.to].role == .input { throw InternalError("b\(t.to) is an operand") }
      return TransposeNode(
        statement, lanes: t.lanes, from: t.from, to: t.to, places: try t.formulas.map(index))
    case .routine(let r):
      for m in r.results where kernel.buffers[m.buffer].role == .input {
        throw InternalError("b\(m.buffer) is an operand")
      }
      func matrices(_ m: Statement.RoutineCall.Matrices) throws -> RoutineNode.Matrices {
        RoutineNode.Matrices(buffer: m.buffer, elements: try index(m.elements))
      }
      return RoutineNode(
        statement, r, sizes: try r.sizes.map(index), operands: try r.operands.map(matrices),
        results: try r.results.map(matrices), from: try index(r.from), to: try index(r.to))
    case .call(let p):
      func operand(_ o: Statement.BlockedProduct.Operand) throws -> ProductNode.Operand {
        ProductNode.Operand(
          buffer: o.buffer, index: try index(o.index), leading: try index(o.leading),
          isTransposed: o.isTransposed)
      }
      return ProductNode(
        statement, p.dtype, a: try operand(p.a), b: try operand(p.b), c: p.c,
        cIndex: try index(p.cIndex), ldc: try index(p.ldc), sizes: try [p.m, p.n, p.k].map(index))
    }
  }

  private func assignment(
    _ r: Register, _ value: Statement.Value, _ statement: Statement
  ) throws -> LoopNode {
    let count = r.lanes
    switch value {
    case .op(let op, let arguments):
      let places = try arguments.map { try place($0) }
      if let odd = arguments.first(where: { $0.lanes != count }) {
        throw InternalError("\(count) lanes from \(odd.lanes) of r\(odd.number)")
      }
      try checkTypes(op, r, arguments)
      return operation(
        op, r.dtype, argumentType: arguments.first.map { op == .select ? r.dtype : $0.dtype },
        count: count, target: try target(r), places)
    case .load(let a):
      let place = try access(a, r, isStore: false)
      return LoadNode(statement, place, target: try target(r), count: count)
    case .gather(let buffer, let i, let active):
      guard i.lanes == count, i.dtype == .int64, kernel.buffers[buffer].dtype == r.dtype else {
        throw InternalError("a gather by \(i)")
      }
      let at = try place(i)
      return GatherNode(
        statement, buffer: buffer, index: at, active: try active.map(index), target: try target(r),
        count: count)
    case .splat(let s), .copy(let s):
      let isSplat = if case .splat = value { true } else { false }
      guard s.dtype == r.dtype, s.lanes == (isSplat ? 1 : count) else {
        throw InternalError("\(r) from \(s)")
      }
      let source = try place(s)
      return CopyNode(source, target: try target(r), count: count, isSplat: isSplat)
    case .interleave(let registers, let part):
      guard registers.count == 4, (0..<4).contains(part), count % 4 == 0,
        registers.allSatisfy({ $0.dtype == r.dtype && $0.lanes == count })
      else { throw InternalError("\(r) of \(registers)") }
      return InterleaveNode(
        try registers.map { try place($0) }, part: part, target: try target(r), count: count)
    case .index(let d, let step):
      guard r.dtype == .int64 else { throw InternalError("an index as \(r.dtype)") }
      let value = try index(d)
      let by = try index(step)
      return IndexNode(value, step: by, target: try target(r), count: count)
    case .lanesBelow(let n):
      guard r.dtype == .bool else { throw InternalError("a mask as \(r.dtype)") }
      return LanesBelowNode(try index(n), target: try target(r), count: count)
    case .reduceLanes(let op, let s):
      guard s.dtype == r.dtype, count == 1, s.lanes > 0, s.lanes & (s.lanes - 1) == 0 else {
        throw InternalError("\(r) from the lanes of \(s)")
      }
      let source = try place(s)
      return ReduceLanesNode(op, s.dtype, source: source, target: try target(r), count: s.lanes)
    }
  }

  private func checkTypes(_ op: ScalarOp, _ r: Register, _ arguments: [Register]) throws {
    func require(_ condition: Bool) throws {
      guard condition else {
        throw InternalError("\(op.name) to \(r.dtype) of \(arguments.map(\.dtype))")
      }
    }
    switch op {
    case .operand, .index: throw InternalError("\(op.name) is not an operation on registers")
    case .constant: try require(arguments.isEmpty)
    case .less, .lessEqual, .equal, .notEqual:
      try require(
        r.dtype == .bool && arguments.count == 2 && arguments[0].dtype == arguments[1].dtype)
    case .select:
      try require(
        arguments.count == 3 && arguments[0].dtype == .bool && arguments[1].dtype == r.dtype
          && arguments[2].dtype == r.dtype)
    case .convert: try require(arguments.count == 1)
    case .reinterpret:
      try require(arguments.count == 1 && arguments[0].dtype.byteCount == r.dtype.byteCount)
    default: try require(!arguments.isEmpty && arguments.allSatisfy { $0.dtype == r.dtype })
    }
  }

  private func operation(
    _ op: ScalarOp, _ dtype: DType, argumentType: DType?, count: Int, target: Int, _ places: [Int]
  ) -> LoopNode {
    guard case .call(let f) = op, let program = f.definition(dtype) else {
      return OperationNode(
        op, dtype: dtype, argumentType: argumentType ?? dtype, count: count, target: target,
        arguments: places)
    }
    var values: [Int] = []
    var body: [LoopNode] = []
    for i in program.instructions {
      if case .operand(let n) = i.op {
        values.append(places[n])
        continue
      }
      let place = reserve(count)
      body.append(
        operation(
          i.op, i.dtype, argumentType: program.argumentType(of: i), count: count, target: place,
          i.arguments.map { values[$0] }))
      values.append(place)
    }
    return FunctionNode(body, result: values[program.results[0]], target: target, count: count)
  }
}
