internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

extension Kernel {
  /// Ends the call unless the check holds of every element. One thread, so that the first bad
  /// element in order is the one reported.
  static func check(_ type: TensorType, _ check: Check, location: Int, name: String) -> Kernel {
    var b = NestBuilder()
    b.open()
    let x = b.define(type.dtype, lanes: 1, .load(Statement.Access(0, .axis(0), stride: 0)))
    let (index, bound): (Register, Dim)
    switch check {
    case .index(let below): (index, bound) = (b.integer(x), below)
    case .isTrue:
      // Everything but true is 1, which is out of range.
      let fails = b.op(.not, .bool, x)
      (index, bound) = (b.integer(fails), 1)
    case .isFinite(_, let allowsInfinity):
      let wide = type.dtype.computeType
      let value = wide == type.dtype ? x : b.op(.convert, wide, x)
      // x - x is 0 for finite numbers alone, and NaN for others.
      let tested = allowsInfinity ? value : b.op(.subtract, wide, value, value)
      let fails = b.op(.notEqual, .bool, tested, tested)
      (index, bound) = (b.integer(fails), 1)
    }
    b.append(.check(index, bound: bound, position: .axis(0), location: location))
    let body = b.close()
    return Kernel(
      name: "check_\(location)", buffers: [Buffer(type.dtype, .input, name: name)],
      body: [.loop(Statement.Loop(0, to: type.elementCount, body))])
  }

  /// `result = base`, then the updates added in the order of their indices. Workers own ranges of
  /// the target's rows and each goes through all indices, so that each element is added to in one
  /// order whatever their number.
  ///
  /// - Parameter isInPlace: whether the result is the base's own memory, so that only rows that an
  ///   index names are touched.
  static func scatter(_ scatter: Scatter, _ types: [TensorType], isInPlace: Bool) -> Kernel {
    let base = types[0]
    let dtype = base.dtype
    let axis = scatter.axis
    let outer = base.shape[..<axis].reduce(Dim(1), *)
    let inner = base.shape[(axis + 1)...].reduce(Dim(1), *)
    let target = base.shape[axis]
    let count = types[1].shape.reduce(Dim(1), *)
    let lanes = dtype.byteCount <= 4 ? 16 : 8

    // Axes: 0, 1 the worker's range of rows, 2 outer, 3 update, 4 inner, 5 copies.
    let (lower, upper, o, i, j, c) = (0, 1, 2, 3, 4, 5)
    var b = NestBuilder()
    let (from, to) = (Dim.axis(lower), Dim.axis(upper))

    func vectors(
      _ b: inout NestBuilder, _ axis: Int, _ n: Dim, _ body: (inout NestBuilder, Dim?) -> Void
    ) {
      let whole = n.quotient(dividingBy: Dim(lanes)) * Dim(lanes)
      b.open()
      body(&b, nil)
      let main = b.close()
      b.append(.loop(Statement.Loop(axis, to: whole, step: lanes, main)))
      b.open()
      b.append(.bind(axis, whole))
      body(&b, n - whole)
      let tail = b.close()
      b.append(.conditional([.nonNegative(n - whole - 1)], tail))
    }

    b.open()  // parallel
    b.open()  // outer
    if !isInPlace {
      // The worker's rows as the base has them.
      let start = (.axis(o) * target + from) * inner
      vectors(&b, c, (to - from) * inner) { b, active in
        let place = start + .axis(c)
        let x = b.define(dtype, lanes: lanes, .load(Statement.Access(0, place, active: active)))
        b.append(.store(x, to: Statement.Access(3, place, active: active)))
      }
    }
    b.open()  // update
    let raw = b.define(types[1].dtype, lanes: 1, .load(Statement.Access(1, .axis(i), stride: 0)))
    let index = Dim(.loaded(b.integer(raw).number))
    b.open()  // in the worker's rows
    vectors(&b, j, inner) { b, active in
      let place = Statement.Access(
        3, (.axis(o) * target + index) * inner + .axis(j), active: active)
      let old = b.define(dtype, lanes: lanes, .load(place))
      let new = b.define(
        dtype, lanes: lanes,
        .load(Statement.Access(2, (.axis(o) * count + .axis(i)) * inner + .axis(j), active: active))
      )
      let compute = dtype.computeType
      func wide(_ r: Register) -> Register {
        compute == dtype ? r : b.define(compute, lanes: lanes, .op(.convert, [r]))
      }
      let x = wide(old)
      let y = wide(new)
      var joined =
        scatter.combiner.map { b.define(compute, lanes: lanes, .op($0.op ?? .add, [x, y])) } ?? y
      if compute != dtype { joined = b.define(dtype, lanes: lanes, .op(.convert, [joined])) }
      b.append(.store(joined, to: place))
    }
    let add = b.close()
    b.append(.conditional([.nonNegative(index - from), .nonNegative(to - index - 1)], add))
    let update = b.close()
    b.append(.loop(Statement.Loop(i, to: count, update)))
    let outerBody = b.close()
    b.append(.loop(Statement.Loop(o, to: outer, outerBody)))
    let body = b.close()
    let moved = isInPlace ? count : count + target
    let cost = (outer * inner * moved).quotient(dividingBy: 8)
    return Kernel(
      name: "scatter_\(scatter.combiner?.rawValue ?? "set")" + (isInPlace ? "_in_place" : ""),
      buffers: [
        Buffer(dtype, .input, name: "base"), Buffer(types[1].dtype, .input, name: "indices"),
        Buffer(dtype, .input, name: "updates"), Buffer(dtype, .output, name: "result"),
      ],
      body: [
        .parallel(
          Statement.Parallel(
            lower: lower, upper: upper, count: target, cost: cost, isWhole: true, body))
      ])
  }
}
