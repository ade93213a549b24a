package import GnomonIR
internal import GnomonOperations

/// Makes one loop of loops over the same operands that make the same carries.
///
///     %1, %2 = scan %h, %xs { … return %next, %a } : f32[n], f32[time, n]
///     %3, %4 = scan %h, %xs { … return %next, %b } : f32[n], f32[time, n]
/// ->
///     %1, %2, %3 = scan %h, %xs { … return %next, %a, %b } : f32[n], f32[time, n], f32[time, n]
///
/// A derivative keeps values of the loop that it belongs to by a second loop with more outputs; here
/// they become one.
package let joinLoops = Pass.everywhere(
  "join-loops", "Make one loop of loops over the same operands that make the same carries."
) { graph in
  var groups: [LoopKey: [Int]] = [:]
  for (i, instruction) in graph.instructions.enumerated() {
    if let key = LoopKey(instruction) { groups[key, default: []].append(i) }
  }
  guard groups.values.contains(where: { $0.count > 1 }) else { return graph }
  // For each loop that joins an earlier one: that one, and its results there.
  var joined: [Int: (first: Int, results: [Int])] = [:]
  var regions: [Int: Graph] = [:]
  for members in groups.values where members.count > 1 {
    let first = members[0]
    let carries = (graph.instructions[first].op as! Scan).carries
    for other in members.dropFirst() {
      let into = regions[first] ?? graph.instructions[first].regions[0]
      if let (region, results) = try into.joined(
        with: graph.instructions[other].regions[0], carries: carries)
      {
        regions[first] = region
        joined[other] = (first, results)
      }
    }
  }
  guard !joined.isEmpty else { return graph }
  var made: [Int: [ValueID]] = [:]
  return try graph.rebuilt { builder, instruction, i in
    let old = graph.instructions[i]
    if let (first, results) = joined[i] { return results.map { made[first]![$0] } }
    guard let region = regions[i], var scan = instruction.op as? Scan else { return nil }
    scan.truncation = nil
    made[i] = try builder.emit(scan, instruction.operands, regions: [region])
    return Array(made[i]![..<old.results.count])
  }
}

private struct LoopKey: Hashable {
  let op: Scan
  let operands: [ValueID]

  init?(_ instruction: Graph.Instruction) {
    guard var op = instruction.op as? Scan else { return nil }
    // What only derivatives ask for is no difference any more.
    op.truncation = nil
    self.op = op
    operands = instruction.operands
  }
}

extension Graph {
  /// The body that gives the results of both, and where those of `other` are among them; nil if the
  /// two do not make the same carries.
  fileprivate func joined(
    with other: Graph, carries: Int
  ) throws -> (Graph, results: [Int])? {
    var builder = GraphBuilder(name: name)
    let parameters = self.parameters.map {
      builder.addParameter(type(of: $0), name: values[$0.index].name)
    }
    builder.setResults(builder.inline(self, parameters) + builder.inline(other, parameters))
    var both = try commonSubexpressions.run(builder.graph)
    let own = Array(both.results[..<results.count])
    let others = Array(both.results[results.count...])
    guard own[..<carries] == others[..<carries] else { return nil }
    both.results = own
    let places = others.enumerated().map { k, v -> Int in
      if k < carries { return k }
      if let known = both.results[carries...].firstIndex(of: v) { return known }
      both.results.append(v)
      return both.results.count - 1
    }
    return (both, places)
  }
}
