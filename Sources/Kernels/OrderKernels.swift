internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

extension Kernel {
  /// The positions of each line in ascending order, by merging runs of 1, 2, 4, … positions from
  /// below.
  /// Workers own lines; each has room for a line of keys and two of positions.
  static func order(_ ordering: Ordering, _ type: TensorType) -> Kernel {
    let (n, inner, lines) = Self.lines(type, along: ordering.axis)
    let (lower, upper, line, i, pass, pair, k) = (0, 1, 2, 3, 4, 5, 6)
    let dtype = type.dtype
    var b = NestBuilder()

    /// An index expression as a register.
    func index(_ b: inout NestBuilder, _ d: Dim) -> Register {
      b.define(.int64, lanes: 1, .index(d, step: 0))
    }
    func value(_ r: Register) -> Dim { Dim(.loaded(r.number)) }

    b.open()  // parallel
    b.open()  // line
    let row = Dim.axis(line).quotient(dividingBy: inner)
    let start = index(&b, row * n * inner + Dim.axis(line) - row * inner)
    let base = value(start)

    b.open()  // keys and positions
    let key = b.define(
      dtype, lanes: 1, .load(Statement.Access(0, base + .axis(i) * inner, stride: 0)))
    b.append(.store(key, to: Statement.Access(2, .axis(i), stride: 0)))
    b.append(.store(index(&b, .axis(i)), to: Statement.Access(3, .axis(i), stride: 0)))
    let fill = b.close()
    b.append(.loop(Statement.Loop(i, to: n, fill)))

    b.open()  // pass
    let one = index(&b, 1)
    let run = b.op(.shiftLeft, .int64, one, index(&b, .axis(pass)))
    let width = value(run)
    b.open()  // while a run is shorter than the line
    b.open()  // pair of runs
    let first = index(&b, .axis(pair) * width * 2)
    let middle = index(&b, Dim.minimum(value(first) + width, n))
    let last = index(&b, Dim.minimum(value(first) + width * 2, n))
    let left = b.variable(.int64, lanes: 1, bits: 0)
    let right = b.variable(.int64, lanes: 1, bits: 0)
    b.assign(left, .copy(first))
    b.assign(right, .copy(middle))
    b.open()  // place in the merged run
    func head(_ r: Register, before end: Register) -> (Register, Register, isThere: Register) {
      let guards: [Read.Guard] = [.nonNegative(value(end) - value(r) - 1)]
      let position = b.define(
        .int64, lanes: 1, .load(Statement.Access(3, value(r), stride: 0, guards: guards)))
      let key = b.define(
        dtype, lanes: 1, .load(Statement.Access(2, value(position), stride: 0)))
      let compute = dtype.computeType
      let wide =
        compute == dtype ? key : b.define(compute, lanes: 1, .op(.convert, [key]))
      return (position, wide, b.op(.less, .bool, r, end))
    }
    let a = head(left, before: middle)
    let c = head(right, before: last)
    var smaller = b.op(.less, .bool, c.1, a.1)
    if dtype.isFloat {
      let nan = b.op(.notEqual, .bool, a.1, a.1)
      let number = b.op(.equal, .bool, c.1, c.1)
      smaller = b.op(.or, .bool, smaller, b.op(.and, .bool, nan, number))
    }
    let takesRight = b.op(
      .and, .bool, c.isThere,
      b.op(.or, .bool, smaller, b.op(.not, .bool, a.isThere)))
    let taken = b.op(.select, .int64, takesRight, c.0, a.0)
    b.append(.store(taken, to: Statement.Access(4, .axis(k), stride: 0)))
    let step = b.op(.convert, .int64, takesRight)
    b.assign(right, .op(.add, [right, step]))
    b.assign(left, .op(.add, [left, b.op(.subtract, .int64, one, step)]))
    let merge = b.close()
    b.append(.loop(Statement.Loop(k, from: value(first), to: value(last), merge)))
    let pairBody = b.close()
    let pairs = (n + width * 2 - 1).quotient(dividingBy: width * 2)
    b.append(.loop(Statement.Loop(pair, to: pairs, pairBody)))
    b.open()  // back
    let merged = b.define(.int64, lanes: 1, .load(Statement.Access(4, .axis(k), stride: 0)))
    b.append(.store(merged, to: Statement.Access(3, .axis(k), stride: 0)))
    let copy = b.close()
    b.append(.loop(Statement.Loop(k, to: n, copy)))
    let passBody = b.close()
    b.append(.conditional([.nonNegative(n - width - 1)], passBody))
    let passes = b.close()
    // As many as a line of 2^48 elements needs.
    b.append(.loop(Statement.Loop(pass, to: 48, passes)))

    b.open()  // result
    let position = b.define(.int64, lanes: 1, .load(Statement.Access(3, .axis(i), stride: 0)))
    b.append(.store(position, to: Statement.Access(1, base + .axis(i) * inner, stride: 0)))
    let out = b.close()
    b.append(.loop(Statement.Loop(i, to: n, out)))
    let lineBody = b.close()
    b.append(.loop(Statement.Loop(line, from: .axis(lower), to: .axis(upper), lineBody)))
    let body = b.close()
    return Kernel(
      name: "order",
      buffers: [
        Buffer(dtype, .input, name: "operand"), Buffer(.int64, .output, name: "result"),
        Buffer(dtype, .temporary(elements: n, perWorker: true), name: "keys"),
        Buffer(.int64, .temporary(elements: n, perWorker: true), name: "positions"),
        Buffer(.int64, .temporary(elements: n, perWorker: true), name: "merged"),
      ],
      body: [
        .parallel(
          Statement.Parallel(
            lower: lower, upper: upper, count: lines, cost: lines * n * 50, body))
      ])
  }

  /// Running totals along an axis. Lines beside each other in memory run in the lanes of a vector,
  /// and workers own lines, so that each is combined in the axis' order.
  static func prefix(_ prefix: Prefix, _ type: TensorType) -> Kernel {
    let (n, inner, all) = Self.lines(type, along: prefix.axis)
    let dtype = type.dtype
    let compute = dtype.computeType
    let isNarrow = inner == 1
    let lanes = isNarrow ? 1 : dtype.byteCount <= 4 ? 16 : 8
    let blocks = (inner + Dim(lanes - 1)).quotient(dividingBy: Dim(lanes))
    let count = isNarrow ? all : all.exactQuotient(by: inner).map { $0 * blocks } ?? all
    let (lower, upper, item, i) = (0, 1, 2, 3)
    var b = NestBuilder()

    func pass(_ b: inout NestBuilder, start: Dim, active: Dim?) {
      let total = b.variable(compute, lanes: lanes, bits: Self.start(prefix.combiner, compute))
      b.open()
      let place = prefix.isReversed ? n - 1 - .axis(i) : .axis(i)
      let access = Statement.Access(
        0, start + place * inner, stride: isNarrow ? 0 : 1, active: active)
      var x = b.define(dtype, lanes: lanes, .load(access))
      if compute != dtype { x = b.define(compute, lanes: lanes, .op(.convert, [x])) }
      b.assign(total, .op(prefix.combiner.op ?? .add, [total, x]))
      var y = total
      if compute != dtype { y = b.define(dtype, lanes: lanes, .op(.convert, [total])) }
      var target = access
      target.buffer = 1
      b.append(.store(y, to: target))
      let body = b.close()
      b.append(.loop(Statement.Loop(i, to: n, body)))
    }

    b.open()  // parallel
    b.open()  // item
    if isNarrow {
      pass(&b, start: .axis(item) * n, active: nil)
    } else {
      let outer = Dim.axis(item).quotient(dividingBy: blocks)
      let from = b.define(
        .int64, lanes: 1,
        .index((Dim.axis(item) - outer * blocks) * Dim(lanes), step: 0))
      let column = Dim(.loaded(from.number))
      let base = b.define(.int64, lanes: 1, .index(outer * n * inner, step: 0))
      let start = Dim(.loaded(base.number)) + column
      let rest = inner - column
      b.open()
      pass(&b, start: start, active: nil)
      let whole = b.close()
      b.append(.conditional([.nonNegative(rest - Dim(lanes))], whole))
      b.open()
      pass(&b, start: start, active: rest)
      let tail = b.close()
      b.append(.conditional([.nonNegative(Dim(lanes - 1) - rest)], tail))
    }
    let itemBody = b.close()
    b.append(.loop(Statement.Loop(item, from: .axis(lower), to: .axis(upper), itemBody)))
    let body = b.close()
    return Kernel(
      name: "cumulative_\(prefix.combiner.rawValue)",
      buffers: [Buffer(dtype, .input, name: "operand"), Buffer(dtype, .output, name: "result")],
      body: [
        .parallel(
          Statement.Parallel(lower: lower, upper: upper, count: count, cost: count * n, body))
      ])
  }

  /// What a running total starts with: nothing is lost by adding to -0, not even the sign of -0.
  private static func start(_ combiner: Combiner, _ dtype: DType) -> UInt64 {
    combiner == .sum && dtype.isFloat
      ? ScalarBits.bits(of: -0.0, dtype) : combiner.identity(dtype)
  }

  /// The length of the lines along an axis, how far their elements are apart, and how many there
  /// are.
  private static func lines(
    _ type: TensorType, along axis: Int
  ) -> (length: Dim, inner: Dim, count: Dim) {
    let inner = type.shape[(axis + 1)...].reduce(Dim(1), *)
    let outer = type.shape[..<axis].reduce(Dim(1), *)
    return (type.shape[axis], inner, outer * inner)
  }
}
