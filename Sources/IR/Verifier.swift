internal import GnomonTensors

/// A broken constraint of the language, and where in the graph.
package struct Violation: Error, Sendable {
  /// The number in `Graph.constraints`, from 1.
  package var constraint: Int
  package var message: String
  package var site: Site
  /// An op's refusal of its operands, when that is the reason.
  package var refusal: Refusal?
  package var evidence: [Diagnostic.Evidence] = []
  /// The rule of the op, when that is the reason.
  package var rule: String?

  /// A place in a graph.
  package struct Site: Hashable, Sendable {
    /// From the outermost function inwards: the number of an instruction, then of its region.
    package var region: [Int]
    package var part: Part
  }

  package enum Part: Hashable, Sendable {
    case header
    case parameter(Int)
    case requirement(Int)
    case instruction(Int)
    case update(Int)
    case results
  }

  package init(
    _ constraint: Int, _ message: String, at site: Site, refusal: Refusal? = nil,
    evidence: [Diagnostic.Evidence] = [], rule: String? = nil
  ) {
    self.constraint = constraint
    self.message = message
    self.site = site
    self.refusal = refusal
    self.evidence = evidence
    self.rule = rule
  }
}

extension Graph {
  /// What every graph keeps to; constraint V1 is the first.
  package static let constraints = [
    "every operand, result and update names a value defined before: a parameter or a result of an earlier instruction of the same graph",
    "every value is defined exactly once",
    "an instruction has as many operands, regions and results as its op allows",
    "the types of an instruction's results, and of a function's, are those that the op's rule gives",
    "a region is isolated: it uses only its own values, and has no variables and no updates",
    "an update changes a variable of the function, each at most once",
    "an update has the type of its variable",
    "the names of parameters differ",
    "a named size in a type, an attribute or a requirement is a whole axis of a parameter of this graph or of one around it",
    "every requirement that a type rule states is listed by the graph or by one around it",
    "types have at most 64 axes, no negative size and at most 2^48 elements, and products of their sizes, and of those in attributes, have at most 4096 terms",
    "regions nest at most 32 deep",
    "every location exists",
  ]

  /// How deep regions may nest.
  package static let regionDepthLimit = 32
  /// How many axes a type may have.
  package static let rankLimit = 64

  /// Checks every constraint of the language.
  ///
  /// - Parameter stage: what made the graph, for the message.
  /// - Throws: an error that cites the constraint and shows the IR around the fault.
  package func verify(after stage: String? = nil) throws(InternalError) {
    guard let violation = violation() else { return }
    throw InternalError(report(violation, after: stage))
  }

  /// The first broken constraint, or nil.
  package func violation() -> Violation? {
    do throws(Violation) {
      var verifier = Verifier(region: [], names: [], requirements: [])
      try verifier.check(self)
      return nil
    } catch {
      return error
    }
  }

  /// The message with five lines of IR on either side of the fault.
  package func report(_ violation: Violation, after stage: String? = nil) -> String {
    var printer = Printer(.abbreviated, wanted: violation.site)
    printer.function(self)
    let fault = printer.wantedLine ?? 0
    let shown = max(0, fault - 5)...min(printer.lines.count - 1, fault + 5)
    let excerpt = shown.map { ($0 == fault ? "> " : "  ") + printer.lines[$0] }
    return """
      V\(violation.constraint)\(stage.map { " after \($0)" } ?? ""): \(violation.message)
      (\(Graph.constraints[violation.constraint - 1]))
      \(excerpt.joined(separator: "\n"))
      """
  }
}

/// Checks one graph; regions get a verifier of their own that knows what is around them.
struct Verifier {
  /// The path to the graph.
  let region: [Int]
  /// The sizes and requirements known outside.
  var names: Set<String>
  var requirements: Set<Requirement>

  private func site(_ part: Violation.Part) -> Violation.Site {
    Violation.Site(region: region, part: part)
  }

  mutating func check(_ graph: Graph) throws(Violation) {
    var defined = [Bool](repeating: false, count: graph.values.count)
    try checkHeader(graph, &defined)
    for (i, instruction) in graph.instructions.enumerated() {
      try check(instruction, i, graph, &defined)
    }
    for (i, update) in graph.updates.enumerated() {
      try checkUse(update.becomes, "the update", graph, defined, site(.update(i)))
    }
    try checkUpdates(graph)
    for r in graph.results { try checkUse(r, "the result", graph, defined, site(.results)) }
    if let v = defined.firstIndex(of: false) {
      throw Violation(
        2, "value \(v) is neither a parameter nor the result of an instruction", at: site(.header))
    }
  }

  private mutating func checkHeader(_ graph: Graph, _ defined: inout [Bool]) throws(Violation) {
    if region.count / 2 > Graph.regionDepthLimit {
      throw Violation(
        12, "regions nest more than \(Graph.regionDepthLimit) deep", at: site(.header))
    }
    if !region.isEmpty, !graph.variables.isEmpty || !graph.updates.isEmpty {
      throw Violation(5, "a region has variables or updates", at: site(.header))
    }
    for r in graph.requirements { requirements.insert(Verifier.key(r)) }
    var seen: Set<String> = []
    for (i, p) in graph.parameters.enumerated() {
      try define(p, "parameter \(i)", &defined, site(.parameter(i)))
      let value = graph.values[p.index]
      if let name = value.name, !seen.insert(name).inserted {
        throw Violation(8, "two parameters are called `\(name)`", at: site(.parameter(i)))
      }
      for d in value.type.shape { if let name = d.name { names.insert(name) } }
    }
    for (i, p) in graph.parameters.enumerated() {
      try checkType(graph.type(of: p), site(.parameter(i)))
    }
    for v in graph.variables where !graph.parameters.contains(v) {
      throw Violation(6, "variable \(v.raw) is not a parameter", at: site(.header))
    }
    for (i, r) in graph.requirements.enumerated() {
      try checkNames(r.left, site(.requirement(i)))
      try checkNames(r.right, site(.requirement(i)))
    }
  }

  private func check(
    _ instruction: Graph.Instruction, _ i: Int, _ graph: Graph, _ defined: inout [Bool]
  ) throws(Violation) {
    let here = site(.instruction(i))
    let op = instruction.op
    for (k, o) in instruction.operands.enumerated() {
      try checkUse(o, "operand \(k)", graph, defined, here)
    }
    let arity = type(of: op).arity
    guard arity.contains(instruction.operands.count) else {
      throw Violation(
        3, "\(op.mnemonic) takes \(Verifier.words(arity)), not \(instruction.operands.count)",
        at: here)
    }
    let regionCount = type(of: op).regionCount
    guard instruction.regions.count == regionCount else {
      throw Violation(
        3, "\(op.mnemonic) takes \(regionCount) regions, not \(instruction.regions.count)", at: here
      )
    }
    guard graph.locations.indices.contains(Int(instruction.location.raw)) else {
      throw Violation(13, "location \(instruction.location.raw) does not exist", at: here)
    }
    for (k, inner) in instruction.regions.enumerated() {
      var verifier = Verifier(region: region + [i, k], names: names, requirements: requirements)
      try verifier.check(inner)
    }
    if let sizes = try? op.attributeSizes(), !sizes.isEmpty {
      try checkTerms(sizes, here)
      for d in sizes { try checkNames(d, here) }
    }
    let types = try resultTypes(instruction, graph, here)
    guard types.count == instruction.results.count else {
      throw Violation(
        3, "\(op.mnemonic) gives \(types.count) results, not \(instruction.results.count)", at: here
      )
    }
    for (k, r) in instruction.results.enumerated() {
      try define(r, "result \(k)", &defined, here)
      try checkType(graph.type(of: r), here)
      guard agree(types[k], graph.type(of: r)) else {
        throw Violation(
          4,
          "the rule of \(op.mnemonic) gives \(types[k].irText), but the graph says"
            + " \(graph.type(of: r).irText)", at: here)
      }
    }
  }

  private func resultTypes(
    _ instruction: Graph.Instruction, _ graph: Graph, _ here: Violation.Site
  ) throws(Violation) -> [TensorType] {
    let op = instruction.op
    var context = TypeContext(
      operands: instruction.operands.map { graph.type(of: $0) },
      regions: instruction.regions.map(\.regionType))
    let types: [TensorType]
    do throws(Refusal) {
      types = try op.resultTypes(&context)
      try Expr.checkSizes(types)
    } catch {
      throw refused(error, instruction, graph, here)
    }
    for r in context.requirements where !requirements.contains(Verifier.key(r)) {
      throw Violation(
        10,
        "\(op.mnemonic) requires \(r.left.irText) \(r.relation.rawValue) \(r.right.irText),"
          + " which is not listed", at: here)
    }
    return types
  }

  private func refused(
    _ refusal: Refusal, _ instruction: Graph.Instruction, _ graph: Graph, _ here: Violation.Site
  ) -> Violation {
    let op = instruction.op
    let names = Printer.names(graph)
    var refusal = refusal
    let operandNames = instruction.operands.map { names[$0.index] }
    refusal.message = refusal.message.naming(operandNames)
    refusal.help = refusal.help?.naming(operandNames)
    let marks =
      refusal.marks.isEmpty
      ? instruction.operands.indices.map { Refusal.Mark($0) } : refusal.marks
    let number = refusal.constraint.flatMap { Int($0.dropFirst()) } ?? 0
    return Violation(
      4, "\(op.mnemonic): \(refusal.message)", at: here, refusal: refusal,
      evidence: marks.filter { instruction.operands.indices.contains($0.operand) }.map {
        let v = instruction.operands[$0.operand]
        return Diagnostic.Evidence(
          label: names[v.index], type: graph.type(of: v), markedAxes: $0.axes)
      },
      rule: op.constraints.indices.contains(number - 1)
        ? "\(op.mnemonic) C\(number): \(op.constraints[number - 1])" : nil)
  }

  private func checkUpdates(_ graph: Graph) throws(Violation) {
    var updated: Set<ValueID> = []
    for (i, update) in graph.updates.enumerated() {
      guard graph.variables.contains(update.variable) else {
        throw Violation(6, "the updated value is not a variable", at: site(.update(i)))
      }
      guard updated.insert(update.variable).inserted else {
        throw Violation(6, "the variable is updated twice", at: site(.update(i)))
      }
      let (old, new) = (graph.type(of: update.variable), graph.type(of: update.becomes))
      guard agree(old, new) else {
        throw Violation(
          7, "the variable is \(old.irText), its update \(new.irText)", at: site(.update(i)))
      }
    }
  }

  // MARK: - Values

  private func define(
    _ v: ValueID, _ what: String, _ defined: inout [Bool], _ here: Violation.Site
  ) throws(Violation) {
    guard defined.indices.contains(v.index) else {
      throw Violation(2, "\(what) has number \(v.raw), of \(defined.count) values", at: here)
    }
    guard !defined[v.index] else {
      throw Violation(2, "\(what) is defined a second time", at: here)
    }
    defined[v.index] = true
  }

  private func checkUse(
    _ v: ValueID, _ what: String, _ graph: Graph, _ defined: [Bool], _ here: Violation.Site
  ) throws(Violation) {
    guard defined.indices.contains(v.index), defined[v.index] else {
      throw Violation(1, "\(what) is not defined before", at: here)
    }
  }

  // MARK: - Types

  /// Equal, counting as equal the sizes that a requirement says are.
  private func agree(_ a: TensorType, _ b: TensorType) -> Bool {
    a == b
      || (a.dtype == b.dtype && a.rank == b.rank
        && zip(a.shape, b.shape).allSatisfy {
          $0 == $1 || requirements.contains(Verifier.key(Requirement($0, .equal, $1)))
        })
  }

  private func checkType(_ type: TensorType, _ here: Violation.Site) throws(Violation) {
    if type.rank > Graph.rankLimit {
      throw Violation(11, "a type has \(type.rank) axes", at: here)
    }
    do throws(Refusal) { try Expr.checkSizes([type]) } catch {
      throw Violation(11, error.message, at: here)
    }
    try checkTerms(type.shape, here)
    for d in type.shape { try checkNames(d, here) }
  }

  /// Type rules multiply sizes; products of many sums would never end.
  private func checkTerms(_ sizes: [Dim], _ here: Violation.Site) throws(Violation) {
    var terms = 1
    for d in sizes where d.terms.count > 0 {
      terms *= d.terms.count + (d.constantPart == 0 ? 0 : 1)
      if terms > 4096 { throw Violation(11, "the sizes multiply to too many terms", at: here) }
    }
  }

  private func checkNames(_ d: Dim, _ here: Violation.Site) throws(Violation) {
    if d.constant != nil { return }
    if let name = d.name, names.contains(name) { return }
    var unknown: String?
    d.forEachAtom { atom in
      switch atom {
      case .name(let name): if !names.contains(name) { unknown = name }
      case .axis(let i): unknown = "#\(i)"
      case .loaded(let i): unknown = "@\(i)"
      default: break
      }
    }
    if let unknown {
      throw Violation(
        9, "the size `\(d.irText)` names `\(unknown)`, which is no axis of a parameter", at: here)
    }
  }

  /// A requirement without its place; the sides of an equation in a fixed order.
  private static func key(_ r: Requirement) -> Requirement {
    r.relation == .equal && r.right < r.left
      ? Requirement(r.right, .equal, r.left) : Requirement(r.left, r.relation, r.right)
  }

  private static func words(_ arity: ClosedRange<Int>) -> String {
    switch (arity.lowerBound, arity.upperBound) {
    case (let n, Int.max): "\(n) operands or more"
    case (1, 1): "1 operand"
    case (let n, let m): n == m ? "\(n) operands" : "\(n) to \(m) operands"
    }
  }
}
