package import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Tidies what goes into loops and comes out.
///
///     %1 = constant 2 : f32[]
///     %2, %3, %4 = scan %h, %a, %xs, %1 { (%h, %a, %x, %c) … return %next, %a, %x } : …
/// ->
///     %2 = scan %h, %xs, %a { (%h, %x, %a) %c = constant 2 … return %next } : …
///
/// A carry that no step changes is a capture. Captured constants move inside, where rules see them;
/// a sequence or capture that is handed in twice is handed in once; an output that is a row of a
/// sequence is that sequence; of two equal outputs one is kept.
package let simplifyLoops = Pass.everywhere(
  "simplify-loops", "Tidy what goes into loops and comes out."
) { graph in
  guard graph.instructions.contains(where: { $0.op is Scan }) else { return graph }
  // The constants among the values of the new graph, each with the views on the way to it.
  var constants: [ValueID: [any Op]] = [:]
  return try graph.rebuilt { builder, instruction, i in
    let old = graph.instructions[i]
    if let scan = instruction.op as? Scan {
      return try LoopTidying(scan, instruction, builder, constants).run(&builder)
    }
    let results = builder.append(
      instruction.op, instruction.operands, types: old.results.map { graph.type(of: $0) },
      names: old.results.map { graph.values[$0.index].name }, regions: instruction.regions)
    if instruction.op is Constant {
      constants[results[0]] = [instruction.op]
    } else if instruction.isConstantView, let chain = constants[instruction.operands[0]] {
      constants[results[0]] = chain + [instruction.op]
    }
    return results
  }
}

private struct LoopTidying {
  /// What a parameter of the old body is in the new one.
  private enum Source {
    case carry(Int)
    case sequence(Int)
    case capture(Int)
    case constant([any Op])
  }

  private let scan: Scan
  private let instruction: Graph.Instruction
  private let body: Graph
  private var sources: [Source] = []
  private var carries: [Int] = []
  private var sequences: [ValueID] = []
  private var captures: [ValueID] = []
  /// For each output the one that is kept for it, or the value it is without a loop.
  private var outputs: [Int] = []
  private var places: [(kept: Int?, value: ValueID?)] = []

  init(
    _ scan: Scan, _ instruction: Graph.Instruction, _ builder: GraphBuilder,
    _ constants: [ValueID: [any Op]]
  ) {
    self.scan = scan
    self.instruction = instruction
    body = instruction.regions[0]
    let lead = scan.carries + scan.sequences
    for (k, o) in instruction.operands.enumerated() {
      if k < scan.carries, body.results[k] != body.parameters[k] {
        sources.append(.carry(carries.count))
        carries.append(k)
      } else if k >= scan.carries, k < lead {
        sources.append(.sequence(Self.number(of: o, in: &sequences)))
      } else if let chain = constants[o] {
        sources.append(.constant(chain))
      } else {
        sources.append(.capture(Self.number(of: o, in: &captures)))
      }
    }
    for j in scan.carries..<body.results.count {
      let v = body.results[j]
      if let p = body.parameters.firstIndex(of: v), p >= scan.carries, p < lead,
        builder.type(of: instruction.operands[p]).shape.first == scan.length
      {
        places.append((nil, instruction.operands[p]))
      } else if let known = outputs.firstIndex(where: { body.results[$0] == v }) {
        places.append((known, nil))
      } else {
        places.append((outputs.count, nil))
        outputs.append(j)
      }
    }
  }

  private static func number(of v: ValueID, in list: inout [ValueID]) -> Int {
    if let n = list.firstIndex(of: v) { return n }
    list.append(v)
    return list.count - 1
  }

  /// The values that stand for the results, or nil when nothing changes.
  func run(_ builder: inout GraphBuilder) throws -> [ValueID]? {
    guard
      carries.count < scan.carries || sequences.count < scan.sequences
        || scan.carries + scan.sequences + captures.count < instruction.operands.count
        || outputs.count < places.count
    else { return nil }
    var op = scan
    op.carries = carries.count
    op.sequences = sequences.count
    let operands = carries.map { instruction.operands[$0] } + sequences + captures
    let made =
      carries.isEmpty && outputs.isEmpty
      ? [] : try builder.emit(op, operands, regions: [try region()])
    let finals = (0..<scan.carries).map { k in
      carries.firstIndex(of: k).map { made[$0] } ?? instruction.operands[k]
    }
    return finals + places.map { $0.value ?? made[carries.count + $0.kept!] }
  }

  private func region() throws -> Graph {
    var inner = GraphBuilder(name: body.name)
    var parameters: [Int: ValueID] = [:]
    func isKind(_ k: Int, _ kind: Int) -> Int? {
      switch (sources[k], kind) {
      case (.carry(let n), 0), (.sequence(let n), 1), (.capture(let n), 2): n
      default: nil
      }
    }
    for kind in 0..<3 {
      var next = 0
      for k in sources.indices {
        guard let n = isKind(k, kind), n == next else { continue }
        let p = body.parameters[k]
        parameters[kind << 32 | n] = inner.addParameter(
          body.type(of: p), name: body.values[p.index].name)
        next += 1
      }
    }
    let arguments = try sources.map { source -> ValueID in
      switch source {
      case .carry(let n): return parameters[n]!
      case .sequence(let n): return parameters[1 << 32 | n]!
      case .capture(let n): return parameters[2 << 32 | n]!
      case .constant(let chain):
        return try chain.reduce(nil as ValueID?) { v, op in
          try inner.emit(op, v.map { [$0] } ?? [])[0]
        }!
      }
    }
    let results = inner.inline(body, arguments)
    inner.setResults(carries.map { results[$0] } + outputs.map { results[$0] })
    return inner.graph
  }
}
