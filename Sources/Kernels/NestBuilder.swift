package import GnomonIR
package import GnomonScalars
package import GnomonTensors

/// Appends statements to the innermost open block and numbers registers.
struct NestBuilder {
  private(set) var blocks: [[Statement]] = [[]]
  private var registers = 0
  /// Operations already done in the open blocks, on registers that never change.
  private var known: [[Key: Register]] = [[:]]
  private var mutable: Set<Int> = []
  /// What was known around the open blocks that stand apart.
  private var aside: [[[Key: Register]]] = []

  /// Which of the four vectors from a position that is a multiple of 4 on is being built, where that is
  /// known: then random blocks are computed once for the four.
  var blockPart: Int?
  /// The words of the blocks from the position of part 0 on, by stream, key and position.
  private var blockWords: [BlockKey: [Register]] = [:]

  private struct BlockKey: Hashable {
    var stream: UInt64
    var key: [Register]
    var position: Dim
  }

  /// What the values of registers that never change are never below.
  private(set) var lowerBounds: [Int: Float] = [:]

  private struct Key: Hashable {
    var op: ScalarOp
    var dtype: DType
    var arguments: [Register]
  }

  mutating func register(_ dtype: DType, lanes: Int) -> Register {
    registers += 1
    return Register(registers - 1, dtype, lanes: lanes)
  }

  var openStatements: [Statement] { blocks[blocks.count - 1] }

  mutating func replaceOpenStatements(_ new: [Statement]) { blocks[blocks.count - 1] = new }

  mutating func append(_ s: Statement) { blocks[blocks.count - 1].append(s) }

  mutating func assign(_ r: Register, _ v: Statement.Value) { append(.assign(r, v)) }

  mutating func define(_ dtype: DType, lanes: Int, _ v: Statement.Value) -> Register {
    let r = register(dtype, lanes: lanes)
    assign(r, v)
    return r
  }

  mutating func op(_ op: ScalarOp, _ dtype: DType, _ arguments: Register...) -> Register {
    define(dtype, lanes: arguments.map(\.lanes).max() ?? 1, .op(op, arguments))
  }

  /// A register that later statements give new values: an accumulator.
  mutating func variable(_ dtype: DType, lanes: Int, bits: UInt64) -> Register {
    let r = register(dtype, lanes: lanes)
    mutable.insert(r.number)
    assign(r, .op(.constant(bits), []))
    return r
  }

  /// The result of an operation, computed once within the open blocks.
  mutating func pure(_ op: ScalarOp, _ dtype: DType, lanes: Int, _ arguments: [Register])
    -> Register
  {
    // Two loads of one element are one register, and a number that is no float equals itself.
    if arguments.count == 2, arguments[0] == arguments[1], !arguments[0].dtype.isFloat {
      switch op {
      case .equal, .lessEqual: return pure(.constant(1), .bool, lanes: 1, [])
      case .notEqual, .less: return pure(.constant(0), .bool, lanes: 1, [])
      default: break
      }
    }
    let key = Key(op: op, dtype: dtype, arguments: arguments)
    for table in known { if let r = table[key] { return r } }
    let isFixed = !arguments.contains { mutable.contains($0.number) }
    let isOfNormal = op == .call(.rsqrt) && lowerBounds[arguments[0].number] ?? 0 >= 0x1p-126
    let r = define(dtype, lanes: lanes, .op(isOfNormal ? .reciprocalRoot : op, arguments))
    if isFixed {
      known[known.count - 1][key] = r
      lowerBounds[r.number] = lowerBound(of: op, dtype, arguments)
    }
    return r
  }

  /// A register with `lanes` lanes of the same value.
  mutating func widened(_ r: Register, to lanes: Int) -> Register {
    if r.lanes == lanes { return r }
    // `select` on itself cannot occur, so it is free to key splats in the table.
    let key = Key(op: .select, dtype: r.dtype, arguments: [r, Register(-lanes, r.dtype, lanes: 1)])
    for table in known { if let r = table[key] { return r } }
    let wide = define(r.dtype, lanes: lanes, .splat(r))
    if !mutable.contains(r.number) {
      known[known.count - 1][key] = wide
      lowerBounds[wide.number] = lowerBounds[r.number]
    }
    return wide
  }

  mutating func open() {
    blocks.append([])
    known.append([:])
  }

  mutating func close() -> [Statement] {
    known.removeLast()
    return blocks.removeLast()
  }

  /// A block that uses no register of those around it.
  mutating func openApart() {
    aside.append(known)
    known = []
    open()
  }

  mutating func closeApart() -> [Statement] {
    known = aside.removeLast()
    return blocks.removeLast()
  }

  /// The instructions of a program on registers. Operands that do not vary stay scalar until they
  /// meet one that does.
  mutating func evaluate(
    _ program: ScalarProgram, lanes: Int, operands: [Register],
    index: (Dim) -> (Dim, step: Dim)
  ) -> Register {
    evaluateAll(program, lanes: lanes, operands: operands, index: index)[0]
  }

  /// As `evaluate`, for programs with several results.
  mutating func evaluateAll(
    _ program: ScalarProgram, lanes: Int, operands: [Register],
    index: (Dim) -> (Dim, step: Dim)
  ) -> [Register] {
    var values: [Register] = []
    values.reserveCapacity(program.instructions.count)
    for i in program.instructions {
      switch i.op {
      case .operand(let n): values.append(operands[n])
      case .index(let d):
        let (value, step) = index(d)
        values.append(
          define(.int64, lanes: step == 0 ? 1 : lanes, .index(value, step: step)))
      case .randomWord(let stream):
        let key = [values[i.b], values[i.c]]
        if let part = blockPart, case .index(let d) = program.instructions[i.a].op {
          let position = index(d).0
          values.append(randomWord(stream, key, at: position, lanes: lanes, part: part))
        } else {
          values.append(
            evaluate(
              .randomWord(stream: stream), lanes: lanes, operands: [values[i.a]] + key, index: index
            ))
        }
      default:
        var arguments = i.arguments.map { values[$0] }
        let width = arguments.map(\.lanes).max() ?? 1
        arguments = arguments.map { widened($0, to: width) }
        values.append(pure(i.op, i.dtype, lanes: width, arguments))
      }
    }
    return program.results.map { values[$0] }
  }

  /// The words at `position` and the lanes after it, which are part `part` of a run of four vectors: each
  /// lane computes the block of one of them, and these are joined in the order of the words.
  private mutating func randomWord(
    _ stream: UInt64, _ key: [Register], at position: Dim, lanes: Int, part: Int
  ) -> Register {
    let start = BlockKey(stream: stream, key: key, position: position - Dim(part * lanes))
    let words: [Register]
    if part > 0, let known = blockWords[start] {
      words = known
    } else {
      let first = define(.int64, lanes: lanes, .index(start.position, step: 4))
      words = evaluateAll(
        .randomWords(stream: stream), lanes: lanes, operands: [first] + key
      ) { ($0, step: 0) }
      blockWords[start] = words
    }
    return define(.uint32, lanes: lanes, .interleave(words, part: part))
  }

  /// A vector of elements of memory along the loop axis `v`, from `offset` further on.
  ///
  /// `reads` are the values of the reads before it, for index expressions that use them.
  mutating func load(
    _ dtype: DType, _ buffer: Int, _ index: Dim, guards: [Read.Guard], otherwise: UInt64,
    reads: [Register], v: Int, lanes: Int, offset: Int, active: Dim?
  ) -> Register {
    let guards = guards.map { $0.mapped { $0.shifted(v, by: offset) } }
    let varying = index.loadedReads.filter { reads[$0].lanes > 1 }
    if varying.isEmpty {
      let place = index.substituting { atom in
        guard case .loaded(let j) = atom else { return nil }
        return Dim(.loaded(integer(reads[j]).number))
      }
      let stride = index.linear(in: v)?.coefficient ?? 0
      let isUniform = stride == 0
      let scalarLanes = isUniform ? 1 : lanes
      return define(
        dtype, lanes: scalarLanes,
        .load(
          Statement.Access(
            buffer, place.shifted(v, by: offset), stride: lanes == 1 ? 0 : stride,
            active: isUniform ? nil : active, guards: guards, otherwise: otherwise)))
    }
    // The position of each lane: coefficient * loaded + the rest.
    var rest = index
    var total: Register?
    for j in varying {
      let atom = Dim.Atom.loaded(j)
      let without = rest.substituting { $0 == atom ? Dim(0) : nil }
      let coefficient = (rest - without).substituting { $0 == atom ? Dim(1) : nil }
      let factor = widened(define(.int64, lanes: 1, .index(coefficient, step: 0)), to: lanes)
      let term = op(.multiply, .int64, integer(reads[j]), factor)
      total = total.map { op(.add, .int64, $0, term) } ?? term
      rest = without
    }
    let place = rest.substituting { atom in
      guard case .loaded(let j) = atom else { return nil }
      return Dim(.loaded(integer(reads[j]).number))
    }
    let base = define(
      .int64, lanes: lanes,
      .index(place.shifted(v, by: offset), step: place.linear(in: v)?.coefficient ?? 0))
    let position = op(.add, .int64, total!, base)
    return define(dtype, lanes: lanes, .gather(buffer: buffer, index: position, active: active))
  }

  /// A register of the same value as int64.
  mutating func integer(_ r: Register) -> Register {
    r.dtype == .int64 ? r : pure(.convert, .int64, lanes: r.lanes, [r])
  }

  /// A loaded value that is then added to.
  mutating func mutableLoad(_ dtype: DType, lanes: Int, _ place: Statement.Access) -> Register {
    let r = register(dtype, lanes: lanes)
    mutable.insert(r.number)
    assign(r, .load(place))
    return r
  }

  /// A copy of a value that later statements give new ones.
  mutating func mutableCopy(_ x: Register) -> Register {
    let r = register(x.dtype, lanes: x.lanes)
    mutable.insert(r.number)
    assign(r, .copy(x))
    return r
  }

  /// `widened`, under the name that reads well at stores.
  mutating func wide(_ r: Register, _ lanes: Int) -> Register { widened(r, to: lanes) }
}

extension Dim {
  /// The reads whose values the index uses.
  var loadedReads: [Int] {
    var found: Set<Int> = []
    forEachAtom { if case .loaded(let k) = $0 { found.insert(k) } }
    return found.sorted()
  }
}

extension ScalarProgram {
  /// The two factors, if the program ends in a product in this type: what a sum of products
  /// turns into multiply-adds.
  func factors(_ dtype: DType) -> ScalarProgram? {
    guard dtype != .bool, results.count == 1, results[0] == instructions.count - 1,
      let last = instructions.last, last.op == .multiply, last.dtype == dtype
    else { return nil }
    var program = self
    program.instructions.removeLast()
    program.results = [last.a, last.b]
    return program
  }
}

extension FusionGroup {
  /// How many elements a vector holds when it runs along `axis`; 1 where an access does not move
  /// evenly with it.
  func lanes(along axis: Int?) -> Int {
    guard let axis else { return 1 }
    var widest = 1
    for stage in stages where stage.axes.contains(axis) || stage.reduced.contains(axis) {
      // Integers within registers may take several: a position of 64 bits, compared with a label, is
      // no reason to halve the floats beside it.
      if stage.dtype.isFloat || !stage.writes.isEmpty {
        widest = max(widest, stage.dtype.byteCount)
      }
      for i in stage.body.instructions {
        if case .index(let d) = i.op, d.linear(in: axis) == nil { return 1 }
        if i.dtype.isFloat { widest = max(widest, i.dtype.byteCount) }
      }
      for case .memory(let buffer, let index, let guards, _) in stage.reads {
        if index.axes.contains(axis) { widest = max(widest, buffers[buffer].dtype.byteCount) }
        guard index.linear(in: axis) != nil,
          guards.allSatisfy({ !$0.axes.contains(axis) })
        else { return 1 }
        // A guard and an index from memory do not mix in one vector.
        if !guards.isEmpty, !index.loadedReads.isEmpty { return 1 }
      }
      for (_, index) in stage.writes where index.linear(in: axis) == nil { return 1 }
    }
    return widest <= 4 ? 16 : 8
  }
}

extension Combiner {
  /// The operation that joins two values; nil for the argument combiners.
  package var op: ScalarOp? {
    switch self {
    case .sum: .add
    case .product: .multiply
    case .minimum: .minimum
    case .maximum: .maximum
    case .any: .or
    case .all: .and
    case .argumentMinimum, .argumentMaximum: nil
    }
  }

  /// The bits of the value that changes nothing.
  package func identity(_ dtype: DType) -> UInt64 {
    switch self {
    case .sum: ScalarBits.bits(of: 0, dtype)
    case .product: ScalarBits.bits(of: 1, dtype)
    case .any: 0
    case .all: 1
    case .minimum, .argumentMinimum: Combiner.extreme(dtype, largest: true)
    case .maximum, .argumentMaximum: Combiner.extreme(dtype, largest: false)
    }
  }

  private static func extreme(_ dtype: DType, largest: Bool) -> UInt64 {
    if dtype.isFloat { return ScalarBits.bits(of: largest ? .infinity : -.infinity, dtype) }
    if dtype == .bool { return largest ? 1 : 0 }
    let bits = UInt64(dtype.byteCount * 8)
    if dtype.isUnsignedInteger {
      return largest ? (bits == 64 ? UInt64.max : (1 << bits) - 1) : 0
    }
    let top = UInt64(1) << (bits - 1)
    return largest ? top - 1 : ScalarBits.wrap(top, dtype)
  }

  /// The dtype in which partial results of `dtype` are kept: half floats are for storage alone.
  package func accumulator(_ dtype: DType) -> DType {
    self == .sum || self == .product || dtype.isFloat ? dtype.computeType : dtype
  }
}
