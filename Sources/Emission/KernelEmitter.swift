internal import GnomonCSyntax
internal import GnomonIR
internal import GnomonKernels
internal import GnomonScalars
internal import GnomonTensors

/// Turns one kernel into C functions: statement for statement, with a function of its own for each
/// parallel loop.
struct KernelEmitter {
  private let kernel: Kernel
  private let name: String
  /// The kernel's named sizes in the order of its `sizes` argument, with their C names.
  private let sizes: [String: String]
  private let order: [String]
  private var scalars: ScalarEmitter
  private(set) var functions: [CFunction] = []
  /// What the open function uses, for its first lines.
  private var used = Used()
  /// Whether that is a part of a parallel loop.
  private var isPart = false
  private var declared: [Set<Int>] = [[]]
  private var constants: [Int: UInt64] = [:]
  /// Vectors that hold one scalar in every lane.
  private var splats: Set<Int> = []

  private struct Used {
    var buffers: Set<Int> = []
    var written: Set<Int> = []
    var sizes: Set<String> = []
    var worker = false
    var context = false
    var streams = false
    /// Whether a function that this one calls stores past the caches.
    var streamsApart = false
  }

  var helpers: Helpers { scalars.helpers }

  init(_ kernel: Kernel, name: String, helpers: Helpers) {
    self.kernel = kernel.withoutDeadCode()
    self.name = name
    scalars = ScalarEmitter(helpers: helpers)
    order = kernel.sizeNames
    sizes = CNames.unique(order, prefix: "n_")
  }

  mutating func emit() {
    used = Used()
    let body = statements(kernel.body)
    functions.append(
      CFunction(
        comment: ["kernel \(kernel.name)"] + kernel.notes, qualifiers: "",
        name: name, parameters: Self.partParameters,
        body: opening(isPart: false) + body + closing()))
  }

  /// Names for what a function uses, and a nod to arguments it does not.
  private mutating func opening(isPart: Bool) -> [CStatement] {
    var lines: [CStatement] = []
    let streamed = used.streams ? kernel.streaming.map { (index(kernel.bytes), $0.limit) } : nil
    let needsBuffers = !used.buffers.isEmpty
    if !used.context { lines.append(.expression(.cast("void", "context"))) }
    if !needsBuffers { lines.append(.expression(.cast("void", "buffers"))) }
    let needsSizes = !used.sizes.subtracting([Program.workers]).isEmpty
    if !needsSizes { lines.append(.expression(.cast("void", "sizes"))) }
    if isPart && !used.worker { lines.append(.expression(.cast("void", "worker"))) }
    for (i, n) in order.enumerated() where used.sizes.contains(n) {
      lines.append(
        .declare(
          "const int64_t", sizes[n]!,
          n == Program.workers
            ? .arrow("context", "threads") : .subscripted("sizes", .integer(i))))
    }
    for b in used.buffers.sorted() {
      let buffer = kernel.buffers[b]
      let element = VectorTypes.scalar(buffer.dtype)
      let type = CType("\(used.written.contains(b) ? "" : "const ")\(element) *")
      lines.append(.comment("b\(b): \(buffer.name), \(buffer.dtype)"))
      var value = CExpression.cast(type, .subscripted("buffers", .integer(b)))
      // Outside a parallel part there is one worker, number 0.
      if isPart, case .temporary(let elements, let perWorker) = buffer.role, perWorker {
        let bytes = Program.rounded(elements * Dim(buffer.dtype.byteCount))
        value =
          value
          + .name("worker") * (size(bytes).dividedBy(buffer.dtype.byteCount))
      }
      lines.append(.declare(CType(type.spelling + "const"), "b\(b)", value))
    }
    if let (bytes, limit) = streamed {
      lines.append(.declare("const int32_t", "streams", .binary(">=", bytes, .integer(limit))))
    }
    return lines
  }

  /// What went past the caches is seen by others before they are told that the function has ended.
  private mutating func closing() -> [CStatement] {
    guard used.streams || used.streamsApart else { return [] }
    return [.expression(.call(scalars.helpers.streamed(), []))]
  }

  private func size(_ d: Dim) -> CExpression {
    CIndex.expression(d) { sizes[$0]! }
  }

  // MARK: - Statements

  private mutating func statements(_ list: [Statement]) -> [CStatement] {
    declared.append([])
    defer { declared.removeLast() }
    return list.flatMap { statement($0) }
  }

  private mutating func statement(_ s: Statement) -> [CStatement] {
    switch s {
    case .assign(let r, let v):
      let value = self.value(v, r)
      if declared.contains(where: { $0.contains(r.number) }) {
        constants[r.number] = nil
        splats.remove(r.number)
        return [.assign(.name("r\(r.number)"), value)]
      }
      declared[declared.count - 1].insert(r.number)
      switch v {
      case .op(.constant(let bits), _): constants[r.number] = bits
      case .splat(let scalar):
        constants[r.number] = constants[scalar.number]
        splats.insert(r.number)
      default: break
      }
      return [.declare(CType(scalars.helpers.register(r.dtype, r.lanes)), "r\(r.number)", value)]
    case .store(let r, let place): return [store(r, place)]
    case .loop(let l): return l.isApart ? [apart(l)] : [loop(l)]
    case .conditional(let guards, let inner):
      let condition = self.condition(guards)
      return [.conditional(condition, statements(inner), otherwise: [])]
    case .library(let body, let otherwise):
      used.context = true
      return [
        .conditional(
          .binary("!=", .arrow("context", "blas"), 0), statements(body),
          otherwise: statements(otherwise))
      ]
    case .bind(let axis, let d):
      return [.declare("const int64_t", "i\(axis)", index(d))]
    case .prefetch(let buffer, let place):
      let address = pointer(buffer, place, isWritten: false)
      // A line that will be written is taken from the other cores at once.
      let isOutput = kernel.buffers[buffer].role == .output
      return [.expression(.call("__builtin_prefetch", isOutput ? [address, 1] : [address]))]
    case .comment(let c): return [.comment(c)]
    case .parallel(let p): return parallel(p)
    case .check(let r, let bound, let position, let location):
      used.context = true
      let limit = index(bound)
      let place = index(position)
      return [
        .conditional(
          .binary(
            "||", .binary("<", .name("r\(r.number)"), 0),
            .binary(">=", .name("r\(r.number)"), limit)),
          [
            .expression(
              .call(
                "gn_report",
                [
                  .arrow("context", "error"), 1, .integer(location), .name("r\(r.number)"), place,
                  limit,
                ])),
            .returned(nil),
          ], otherwise: [])
      ]
    case .call(let c): return [product(c)]
    case .routine(let r): return [routine(r)]
    case .transpose(let t):
      let source = pointer(t.from, t.index, isWritten: false)
      let target = pointer(t.to, t.place, isWritten: true)
      return [
        .expression(
          .call(
            scalars.helpers.transpose(kernel.buffers[t.from].dtype, t.lanes),
            [source, index(t.stride), target, index(t.distance)]))
      ]
    }
  }

  private mutating func loop(_ l: Statement.Loop) -> CStatement {
    let from = index(l.from)
    let to = index(l.to)
    return .loop("i\(l.axis)", from: from, to: to, step: l.step, statements(l.body))
  }

  /// A call of a function with the loop in it, which is given the axes that are open around it.
  private mutating func apart(_ l: Statement.Loop) -> CStatement {
    let outer = (used, declared)
    (used, declared) = (Used(), [[]])
    let statement = loop(l)
    let name = "\(name)_apart\(functions.count)"
    let axes = l.freeAxes.sorted()
    functions.append(
      CFunction(
        qualifiers: "static __attribute__((noinline))", name: name,
        parameters: Self.partParameters + axes.map { ("int64_t", "i\($0)") }
          + [("int32_t", "worker")],
        body: opening(isPart: true) + [statement]))
    let streams = used.streams
    (used, declared) = outer
    used.streamsApart = used.streamsApart || streams
    used.worker = used.worker || isPart
    used.context = true
    return .expression(
      .call(
        name,
        ["context", "buffers", "sizes"] + axes.map { .name("i\($0)") } + [isPart ? "worker" : 0]))
  }

  private static let partParameters: [(type: CType, name: String)] = [
    ("const gn_context *", "context"), ("void *const *", "buffers"), ("const int64_t *", "sizes"),
  ]

  /// A function for the loop's body, and the choice of running it here or on all workers.
  private mutating func parallel(_ p: Statement.Parallel) -> [CStatement] {
    let outer = used
    used = Used()
    isPart = true
    defer { isPart = false }
    let body = statements(p.body)
    let part = "\(name)_part\(functions.count)"
    let inner = opening(isPart: true) + body + closing()
    functions.append(
      CFunction(
        name: part,
        parameters: Self.partParameters + [
          ("int64_t", "i\(p.lower)"), ("int64_t", "i\(p.upper)"), ("int32_t", "worker"),
        ], body: inner))
    used = outer
    used.context = true
    let count = index(p.count)
    let cost = index(p.cost)
    let arguments: [CExpression] = ["context", "buffers", "sizes"]
    return [
      .conditional(
        .binary("<", cost, .integer(KernelEmitter.parallelThreshold)),
        [.expression(.call(part, arguments + [0, count, 0]))],
        otherwise: [
          .expression(
            .call(
              "context->parallel",
              [
                "context", .name(part), "buffers", "sizes", count,
                .integer(p.isWhole ? 1 : Self.pieces),
              ])
          )
        ])
    ]
  }

  /// Loops predicted to take less than this many nanoseconds stay on the calling thread: handing
  /// over to a worker costs about 3000.
  static let parallelThreshold = 8000

  /// Into how many pieces a worker's range is cut, for others to take when they have finished.
  private static let pieces = 16

  private mutating func product(_ c: Statement.BlockedProduct) -> CStatement {
    used.context = true
    func operand(_ o: Statement.BlockedProduct.Operand) -> [CExpression] {
      [pointer(o.buffer, o.index, isWritten: false), .cast("int", index(o.leading))]
    }
    let f = c.dtype == .float64 ? "dgemm" : "sgemm"
    let arguments: [CExpression] =
      [
        101, .integer(c.a.isTransposed ? 112 : 111), .integer(c.b.isTransposed ? 112 : 111),
        .cast("int", index(c.m)), .cast("int", index(c.n)), .cast("int", index(c.k)),
        .literal(c.dtype == .float64 ? "1.0" : "1.0f"),
      ] + operand(c.a) + operand(c.b)
      + [
        .literal(c.dtype == .float64 ? "0.0" : "0.0f"),
        pointer(c.c, c.cIndex, isWritten: true), .cast("int", index(c.ldc)),
      ]
    return .expression(.call("context->blas->\(f)", arguments))
  }

  private mutating func routine(_ r: Statement.RoutineCall) -> CStatement {
    used.context = true
    var buffers: [CExpression] = []
    var strides: [CExpression] = []
    for (matrices, isWritten) in r.operands.map({ ($0, false) }) + r.results.map({ ($0, true) }) {
      let first = pointer(matrices.buffer, 0, isWritten: isWritten)
      buffers.append(.cast("void *", first))
      let bytes = kernel.buffers[matrices.buffer].dtype.byteCount
      strides.append(index(matrices.elements * Dim(bytes)))
    }
    let work: CExpression = r.work.map { pointer($0, 0, isWritten: true) } ?? 0
    return .expression(
      .call(
        "context->routine",
        [
          .arrow("context", "blas"), .integer(Int(r.kind.rawValue)), .integer(Int(r.options)),
          .integer(r.dtype.byteCount), .compound("const int64_t[]", r.sizes.map { index($0) }),
          .integer(buffers.count), .compound("void *const[]", buffers),
          .compound("const int64_t[]", strides), index(r.from), index(r.to), work,
        ]))
  }

  // MARK: - Values

  private mutating func index(_ d: Dim) -> CExpression {
    for n in d.names { used.sizes.insert(n) }
    return CIndex.expression(d) { sizes[$0]! }
  }

  private mutating func condition(_ guards: [Read.Guard]) -> CExpression {
    let parts: [CExpression] = guards.map { g in
      switch g {
      case .nonNegative(let d): .binary(">=", index(d), 0)
      case .divisible(let d, let by): .binary("==", .binary("%", index(d), index(by)), 0)
      }
    }
    return parts.dropFirst().reduce(parts.first ?? 1) { .binary("&&", $0, $1) }
  }

  private mutating func pointer(_ buffer: Int, _ at: Dim, isWritten: Bool) -> CExpression {
    used.buffers.insert(buffer)
    if isWritten { used.written.insert(buffer) }
    return at == 0 ? .name("b\(buffer)") : .name("b\(buffer)") + index(at)
  }

  private mutating func value(_ v: Statement.Value, _ r: Register) -> CExpression {
    switch v {
    case .op(let op, let arguments):
      if op == .divide, r.dtype.isFloat, splats.contains(arguments[1].number),
        let division = scalars.helpers.divisionByOne(r.dtype, r.lanes)
      {
        return .call(division, arguments.map { .name("r\($0.number)") })
      }
      let argument =
        op == .select ? arguments[1].dtype : arguments.first?.dtype ?? r.dtype
      return scalars.expression(
        op, r.dtype, argument: argument, lanes: r.lanes,
        arguments.map { .name("r\($0.number)") },
        constants: arguments.map { constants[$0.number] })
    case .load(let place): return load(place, r)
    case .gather(let buffer, let at, let active):
      let base = pointer(buffer, 0, isWritten: false)
      let count = active.map { index($0) } ?? .integer(r.lanes)
      let raw = CExpression.call(
        scalars.helpers.gather(r.dtype, r.lanes), [base, .name("r\(at.number)"), count])
      return r.dtype == .bool ? .call(scalars.helpers.maskOfBytes(r.lanes), [raw]) : raw
    case .splat(let s):
      return .call(scalars.helpers.splat(r.dtype, r.lanes), [.name("r\(s.number)")])
    case .index(let d, let step):
      let base = index(d)
      if r.lanes == 1 { return base }
      _ = scalars.helpers.type(.int64, r.lanes)
      return .call(scalars.helpers.index(r.lanes), [base, index(step)])
    case .lanesBelow(let d): return .call(scalars.helpers.lanesBelow(r.lanes), [index(d)])
    case .reduceLanes(let op, let s):
      return .call(scalars.helpers.reduce(op, s.dtype, s.lanes), [.name("r\(s.number)")])
    case .copy(let s): return .name("r\(s.number)")
    case .interleave(let registers, let part):
      return .call(
        scalars.helpers.interleave(r.dtype, r.lanes, part: part),
        registers.map { .name("r\($0.number)") })
    }
  }

  private mutating func load(_ place: Statement.Access, _ r: Register) -> CExpression {
    var value: CExpression
    let lanes = r.lanes
    if lanes == 1 {
      value = .subscripted(.name("b\(place.buffer)"), index(place.index))
      used.buffers.insert(place.buffer)
      if r.dtype == .bool { value = .binary("!=", value, 0) }
    } else {
      let base = pointer(place.buffer, place.index, isWritten: false)
      if place.stride == 1 {
        value =
          if let active = place.active {
            .call(scalars.helpers.loadSome(r.dtype, lanes), [base, index(active)])
          } else {
            .call(scalars.helpers.load(r.dtype, lanes), [base])
          }
      } else {
        value = .call(
          scalars.helpers.loadStrided(r.dtype, lanes),
          [base, index(place.stride), place.active.map { index($0) } ?? .integer(lanes)])
      }
      if r.dtype == .bool { value = .call(scalars.helpers.maskOfBytes(lanes), [value]) }
    }
    guard !place.guards.isEmpty else { return value }
    let otherwise = scalars.expression(
      .constant(place.otherwise), r.dtype, argument: r.dtype, lanes: lanes, [], constants: [])
    return .conditional(condition(place.guards), value, otherwise)
  }

  private mutating func store(_ r: Register, _ place: Statement.Access) -> CStatement {
    let lanes = r.lanes
    var value = CExpression.name("r\(r.number)")
    let base = pointer(place.buffer, place.index, isWritten: true)
    if lanes == 1 {
      let element = VectorTypes.scalar(r.dtype)
      if r.dtype == .bool { value = .cast(CType(element), .binary("!=", value, 0)) }
      return .assign(.subscripted(.name("b\(place.buffer)"), index(place.index)), value)
    }
    if r.dtype == .bool { value = .call(scalars.helpers.bytesOfMask(lanes), [value]) }
    if place.stride == 1 {
      if let active = place.active {
        return .expression(
          .call(scalars.helpers.storeSome(r.dtype, lanes), [base, value, index(active)]))
      }
      if kernel.streaming?.buffers.contains(place.buffer) == true,
        let stream = scalars.helpers.stream(r.dtype, lanes)
      {
        used.streams = true
        return .expression(.call(stream, [base, value, "streams"]))
      }
      return .expression(.call(scalars.helpers.store(r.dtype, lanes), [base, value]))
    }
    return .expression(
      .call(
        scalars.helpers.storeStrided(r.dtype, lanes),
        [
          base, index(place.stride), value,
          place.active.map { index($0) } ?? .integer(lanes),
        ]))
  }
}

extension CExpression {
  /// A byte count, known to be a multiple, in elements.
  fileprivate func dividedBy(_ n: Int) -> CExpression {
    n == 1 ? self : .binary("/", self, .integer(n))
  }
}

/// Index expressions in C.
enum CIndex {
  static func expression(_ d: Dim, name: (String) -> String) -> CExpression {
    var total: CExpression?
    func add(_ e: CExpression, negative: Bool) {
      guard let t = total else {
        total = negative ? .unary("-", e) : e
        return
      }
      total = negative ? t - e : t + e
    }
    for term in d.terms {
      var product: CExpression?
      let magnitude = abs(term.coefficient)
      if magnitude != 1 { product = .integer(magnitude) }
      for atom in term.atoms {
        let factor: CExpression
        switch atom {
        case .name(let n): factor = .name(name(n))
        case .axis(let a): factor = .name("i\(a)")
        case .loaded(let r): factor = .name("r\(r)")
        case .quotient(let a, let b):
          factor = .call("gn_quotient", [expression(a, name: name), expression(b, name: name)])
        case .minimum(let a, let b):
          factor = .call("gn_minimum", [expression(a, name: name), expression(b, name: name)])
        case .maximum(let a, let b):
          factor = .call("gn_maximum", [expression(a, name: name), expression(b, name: name)])
        }
        product = product.map { $0 * factor } ?? factor
      }
      add(product!, negative: term.coefficient < 0)
    }
    if d.constantPart != 0 || total == nil {
      add(.integer(abs(d.constantPart)), negative: d.constantPart < 0)
    }
    return total!
  }
}

/// C identifiers for a user's names.
enum CNames {
  /// Letters, digits and underscores; different names stay different.
  static func unique(_ names: [String], prefix: String) -> [String: String] {
    var taken: Set<String> = []
    var result: [String: String] = [:]
    for n in names {
      let safe = String(
        n.unicodeScalars.prefix(40).map { c -> Character in
          ("a"..."z").contains(c) || ("A"..."Z").contains(c) || ("0"..."9").contains(c)
            ? Character(c) : "_"
        })
      var candidate = prefix + safe
      var k = 2
      while !taken.insert(candidate).inserted {
        candidate = "\(prefix)\(safe)_\(k)"
        k += 1
      }
      result[n] = candidate
    }
    return result
  }
}
