extension Graph {
  /// Whether two graphs are the same program: the same parameters, instructions, attributes, types,
  /// regions, results, updates and requirements, however their values are numbered. The names of
  /// functions and parameters count; locations and the names of other values do not.
  package func isEqual(to other: Graph) -> Bool {
    guard name == other.name, parameters.count == other.parameters.count,
      results.count == other.results.count, updates.count == other.updates.count,
      instructions.count == other.instructions.count,
      requirements.count == other.requirements.count,
      zip(requirements, other.requirements).allSatisfy({
        $0.left == $1.left && $0.relation == $1.relation && $0.right == $1.right
      })
    else { return false }

    var map = [ValueID](repeating: ValueID(-1), count: values.count)
    func matches(_ a: ValueID, _ b: ValueID) -> Bool { map[a.index] == b }
    for (a, b) in zip(parameters, other.parameters) {
      guard values[a.index] == other.values[b.index],
        variables.contains(a) == other.variables.contains(b)
      else { return false }
      map[a.index] = b
    }
    for (a, b) in zip(instructions, other.instructions) {
      guard a.operands.count == b.operands.count, a.results.count == b.results.count,
        a.regions.count == b.regions.count, a.op.isEqual(to: b.op),
        zip(a.operands, b.operands).allSatisfy(matches),
        zip(a.regions, b.regions).allSatisfy({ $0.isEqual(to: $1) })
      else { return false }
      for (r, s) in zip(a.results, b.results) {
        guard type(of: r) == other.type(of: s) else { return false }
        map[r.index] = s
      }
    }
    return zip(results, other.results).allSatisfy(matches)
      && zip(updates, other.updates).allSatisfy {
        matches($0.variable, $1.variable) && matches($0.becomes, $1.becomes)
      }
  }
}
