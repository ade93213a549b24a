import GnomonIR
import GnomonScalars
import GnomonTensors

/// What loops would compute, straight from the lowering: each index expression evaluated for each
/// element. It knows no op.
struct LoweringEvaluator {
  let sizes: [String: Int]

  func run(
    _ op: any Op, _ operands: [Tensor], _ types: [TensorType], _ results: [TensorType]
  ) throws -> Tensor? {
    let type = results[0]
    let shape = try type.shape.map { try value($0) { _ in nil } }
    let bits = operands.map(\.bits)
    switch op.lowering(types, results) {
    case .compute(let parts):
      var out = [UInt64?](repeating: nil, count: shape.reduce(1, *))
      for part in parts { try compute(part, operands, bits, type.dtype, shape, &out) }
      return Tensor(dtype: type.dtype, shape: Shape(shape), bits: try out.map(written))
    case .view(let map):
      let out = try positions(shape).map { position in
        let place = try map.indices.map { try value($0, axes: position) }
        return bits[0][try flat(place, operands[0].shape)]
      }
      return Tensor(dtype: type.dtype, shape: Shape(shape), bits: out)
    case .reshape:
      return Tensor(dtype: type.dtype, shape: Shape(shape), bits: bits[0])
    case .scatter(let scatter):
      var out =
        operands[0].dtype.isFloat ? operands[0].doubles : operands[0].integers.map(Double.init)
      let updates = operands[2].doubles
      for (n, position) in positions(Array(operands[2].shape)).enumerated() {
        var place = position
        place[scatter.axis] = Int(operands[1].integers[position[scatter.axis]])
        let target = try flat(place, operands[0].shape)
        switch scatter.combiner {
        case .sum: out[target] += updates[n]
        case .product: out[target] *= updates[n]
        case .minimum: out[target] = min(out[target], updates[n])
        case .maximum: out[target] = max(out[target], updates[n])
        default: out[target] = updates[n]
        }
      }
      return type.dtype.isFloat
        ? Tensor(dtype: type.dtype, shape: Shape(shape), doubles: out)
        : Tensor(dtype: type.dtype, shape: Shape(shape), integers: out.map { Int64($0) })
    case .check, .print, .barrier: return operands[0]
    case .data(let tensor): return tensor
    case .branch, .loop, .fused, .inlined, .prefix, .order, .routine: return nil
    }
  }

  private func compute(
    _ c: Computation, _ operands: [Tensor], _ bits: [[UInt64]], _ dtype: DType, _ shape: [Int],
    _ out: inout [UInt64?]
  ) throws {
    let box = try c.axes.map { try value($0) { _ in nil } }
    let inner = positions(try c.reduced.map { try value($0) { _ in nil } })
    let offset = try (c.offset ?? c.axes.map { _ in 0 }).map { try value($0) { _ in nil } }
    let bodyType = c.body.resultTypes[0]
    for position in positions(box) {
      let values = try inner.map { try element(c, operands, bits, position + $0) }
      let place = zip(position, offset).map { $0 + $1 }
      let at = zip(place, shape).reduce(0) { $0 * $1.1 + $1.0 }
      guard out[at] == nil else { throw InternalError("element \(place) is written twice") }
      if let combiner = c.combiner {
        out[at] = combine(combiner, values, bodyType, dtype)
      } else {
        guard bodyType == dtype else { throw InternalError("the body gives \(bodyType)") }
        out[at] = values[0]
      }
    }
  }

  private func element(
    _ c: Computation, _ operands: [Tensor], _ bits: [[UInt64]], _ axes: [Int]
  ) throws -> UInt64 {
    var read: [UInt64] = []
    func index(_ d: Dim) throws -> Int {
      try value(d, axes: axes) { Int(Int64(bitPattern: read[$0])) }
    }
    for r in c.reads {
      let holds = try r.guards.allSatisfy { g in
        switch g {
        case .nonNegative(let d): try index(d) >= 0
        case .divisible(let d, let by): try index(d) % index(by) == 0
        }
      }
      read.append(
        holds
          ? bits[r.operand][try flat(try r.indices.map(index), operands[r.operand].shape)]
          : r.otherwise)
    }
    return c.body.evaluate(read) { d in (try? index(d)) ?? .min }[0]
  }

  private func combine(
    _ combiner: Combiner, _ values: [UInt64], _ from: DType, _ to: DType
  ) -> UInt64 {
    if !from.isFloat {
      let integers = values.map { Int64(bitPattern: $0) }
      let unsigned = from == .uint64
      func less(_ a: Int64, _ b: Int64) -> Bool {
        unsigned ? UInt64(bitPattern: a) < UInt64(bitPattern: b) : a < b
      }
      let result: Int64 =
        switch combiner {
        case .sum: integers.reduce(0, &+)
        case .product: integers.reduce(1, &*)
        case .minimum: integers.min(by: less)!
        case .maximum: integers.max(by: less)!
        case .any: integers.contains(1) ? 1 : 0
        case .all: integers.contains(0) ? 0 : 1
        case .argumentMinimum: Int64(integers.indices.min { less(integers[$0], integers[$1]) }!)
        case .argumentMaximum:
          Int64(integers.indices.max { less(integers[$0], integers[$1]) }!)
        }
      return ScalarBits.wrap(UInt64(bitPattern: result), to)
    }
    let floats = values.map { ScalarBits.double($0, from) }
    let nan = floats.firstIndex(where: \.isNaN)
    let result: Double =
      switch combiner {
      case .sum: floats.reduce(0, +)
      case .product: floats.reduce(1, *)
      case .minimum: nan != nil ? .nan : floats.reduce(.infinity) { Double.minimum($0, $1) }
      case .maximum: nan != nil ? .nan : floats.reduce(-.infinity) { Double.maximum($0, $1) }
      case .argumentMinimum: Double(nan ?? floats.firstIndex(of: floats.min()!)!)
      case .argumentMaximum: Double(nan ?? floats.firstIndex(of: floats.max()!)!)
      case .any, .all: .nan
      }
    return ScalarBits.bits(of: result, to)
  }

  private func written(_ bits: UInt64?) throws -> UInt64 {
    guard let bits else { throw InternalError("an element is never written") }
    return bits
  }

  private func flat(_ place: [Int], _ shape: Shape) throws -> Int {
    var at = 0
    for (i, extent) in zip(place, shape) {
      guard i >= 0, i < extent else { throw InternalError("read at \(place) of \(shape)") }
      at = at * extent + i
    }
    return at
  }

  private func value(_ d: Dim, axes: [Int]) throws -> Int { try value(d, axes: axes) { _ in nil } }

  private func value(
    _ d: Dim, axes: [Int] = [], loaded: (Int) -> Int?
  ) throws -> Int {
    let found = d.evaluated { atom in
      switch atom {
      case .name(let n): sizes[n]
      case .axis(let i): i < axes.count ? axes[i] : nil
      case .loaded(let k): loaded(k)
      default: nil
      }
    }
    guard let found else { throw InternalError("\(d) has no value") }
    return found
  }

  private func positions(_ shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { heads, size in heads.flatMap { head in (0..<size).map { head + [$0] } } }
  }
}

/// Runs a graph instruction by instruction and compares the lowering of each with its reference on
/// the same operands.
func compareLowerings(_ graph: Graph, _ arguments: [Tensor]) throws -> [String] {
  let sizes = try Interpreter.sizes(graph, arguments)
  var values = [Tensor?](repeating: nil, count: graph.values.count)
  for (p, t) in zip(graph.parameters, arguments) { values[p.index] = t }
  var differences: [String] = []
  for i in graph.instructions {
    let operands = i.operands.map { values[$0.index]! }
    let types = i.results.map { graph.type(of: $0) }
    let context = ReferenceContext(sizes: sizes, resultTypes: types) { _, _ in [] }
    let expected = try i.op.reference(operands, context)
    for (r, t) in zip(i.results, expected) { values[r.index] = t }
    let found = try LoweringEvaluator(sizes: sizes)
      .run(i.op, operands, i.operands.map { graph.type(of: $0) }, types)
    guard let found else { continue }
    let close: Bool
    if i.op.facts.isElementwise && !i.op.facts.isCheap {
      // Vectorized functions have bounds of their own, checked where they are written.
      let (r, a): (Double, Double) =
        switch found.dtype {
        case .float64: (1e-12, 1e-300)
        case .float32: (1e-5, 1e-37)
        case .float16: (2e-3, 1e-7)
        default: (2e-2, 1e-37)
        }
      close = found.allClose(expected[0], rtol: r, atol: a)
    } else {
      // Half floats are rounded from float32, the reference from float64.
      close = found.ulpDistance(to: expected[0]) <= (found.dtype.isFloat ? 1 : 0)
    }
    if !close {
      differences.append("\(i.op.mnemonic): \(found.doubles), reference \(expected[0].doubles)")
    }
  }
  return differences
}
