import GnomonIR
import GnomonOperations
import GnomonScalars
import GnomonTensors
import Testing

/// Runs the computations of an op's lowering, element by element as `Computation` defines them, so
/// that index expressions, guards and bodies are held to the op's reference meaning.
enum ComputationReferee {
  /// The results of the node that makes `e`, by its lowering.
  static func run(
    _ node: Node, _ operands: [Tensor], sizes: [String: Int] = [:]
  ) throws -> [Tensor] {
    let op = try #require(node.op)
    let types = node.operands.map(\.type)
    func concrete(_ shape: [Dim]) throws -> [Int] {
      try shape.map { try #require($0.evaluated(names: sizes)) }
    }
    switch op.lowering(types, node.types) {
    case .compute(let computations):
      return try node.types.enumerated().map { r, type in
        let computation = try #require(computations.first { $0.result == r })
        #expect(try concrete(computation.axes) == concrete(type.shape))
        return try run(computation, operands, type, try concrete(type.shape), sizes)
      }
    case .view(let map):
      let shape = try concrete(node.types[0].shape)
      let bits = operands[0].bits
      let out = try positions(of: shape).map { position in
        let index = try map.indices.map { try value($0, position, [], sizes) }
        return bits[row(index, Array(operands[0].shape))]
      }
      return [Tensor(dtype: node.types[0].dtype, shape: Shape(shape), bits: out)]
    default:
      Issue.record("\(op.mnemonic) lowers to no computation")
      return []
    }
  }

  private static func value(
    _ d: Dim, _ axes: [Int], _ loaded: [Int], _ sizes: [String: Int]
  ) throws -> Int {
    try #require(
      d.evaluated { atom in
        switch atom {
        case .axis(let i): axes[i]
        case .loaded(let i): loaded[i]
        case .name(let n): sizes[n]
        default: nil
        }
      })
  }

  private static func row(_ index: [Int], _ shape: [Int]) -> Int {
    for (i, n) in zip(index, shape) {
      #expect(i >= 0 && i < n, "a read at \(index) of \(shape)")
    }
    return zip(index, shape).reduce(0) { $0 * $1.1 + min(max($1.0, 0), $1.1 - 1) }
  }

  private static func run(
    _ c: Computation, _ operands: [Tensor], _ type: TensorType, _ shape: [Int],
    _ sizes: [String: Int]
  ) throws -> Tensor {
    let bits = operands.map(\.bits)
    let inner = positions(of: try c.reduced.map { try value($0, [], [], sizes) })
    func element(_ axes: [Int]) throws -> UInt64 {
      var read: [UInt64] = []
      for r in c.reads {
        let loaded = read.map { Int(truncatingIfNeeded: $0) }
        let isInside = try r.guards.allSatisfy {
          switch $0 {
          case .nonNegative(let d): try value(d, axes, loaded, sizes) >= 0
          case .divisible(let d, let by):
            try value(d, axes, loaded, sizes) % value(by, axes, loaded, sizes) == 0
          }
        }
        guard isInside else {
          read.append(r.otherwise)
          continue
        }
        let index = try r.indices.map { try value($0, axes, loaded, sizes) }
        read.append(bits[r.operand][row(index, Array(operands[r.operand].shape))])
      }
      return c.body.evaluate(read) { (try? value($0, axes, [], sizes)) ?? 0 }[0]
    }
    let body = c.body.resultTypes[0]
    func number(_ b: UInt64) -> Double {
      body.isFloat ? ScalarBits.double(b, body) : Double(Int64(bitPattern: b))
    }
    let out = try positions(of: shape).map { outer -> UInt64 in
      guard let combiner = c.combiner else {
        return ScalarEvaluator.convert(try element(outer), from: body, to: type.dtype)
      }
      let values = try inner.map { try element(outer + $0) }
      func bits(_ x: Double) -> UInt64 {
        ScalarEvaluator.convert(ScalarBits.bits(of: x, .float64), from: .float64, to: type.dtype)
      }
      switch combiner {
      case .sum where body.isFloat: return bits(values.reduce(0) { $0 + number($1) })
      case .sum: return ScalarBits.wrap(values.reduce(0, &+), type.dtype)
      case .maximum: return values.max { number($0) < number($1) } ?? 0
      case .argumentMaximum:
        var best = 0
        for i in values.indices where number(values[i]) > number(values[best]) { best = i }
        return UInt64(best)
      default:
        Issue.record("\(combiner) is not in this referee")
        return 0
      }
    }
    return Tensor(dtype: type.dtype, shape: Shape(shape), bits: out)
  }
}

/// Holds the lowering of every node between `inputs` and `roots` to its reference, on real values.
func expectLowerings(
  of roots: [Expr], _ bindings: [(Expr, Tensor)], only mnemonics: Set<String>,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  var seen: Set<ObjectIdentifier> = []
  var pending = roots.map(\.node)
  var nodes: [Node] = []
  while let node = pending.popLast() {
    guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
    if let op = node.op, mnemonics.contains(op.mnemonic) { nodes.append(node) }
    pending += node.operands.map(\.node)
  }
  #expect(Set(nodes.compactMap { $0.op?.mnemonic }) == mnemonics, sourceLocation: sourceLocation)
  for node in nodes {
    let results = node.types.indices.map { Expr(node: node, index: $0) }
    let values = try Reference.run(node.operands + results, bindings)
    let graph = try Graph.build(name: "sizes", inputs: bindings.map(\.0), results: [])
    let sizes = try Interpreter.sizes(graph, bindings.map(\.1))
    let operands = Array(values[..<node.operands.count])
    let found = try ComputationReferee.run(node, operands, sizes: sizes)
    for (a, b) in zip(found, values[node.operands.count...]) {
      #expect(
        a.dtype == b.dtype && a.allClose(b, rtol: 1e-5),
        "\(node.op!.mnemonic): lowered to \(a), its reference is \(b)",
        sourceLocation: sourceLocation)
    }
  }
}
