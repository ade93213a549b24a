internal import GnomonTensors

extension Graph {
  /// Reads the text of one function.
  ///
  /// - Parameters:
  ///   - text: the language that `IR/README.md` specifies.
  ///   - operations: the ops that may occur.
  ///   - file: the name of the file in errors.
  ///   - placing: whether instructions without `loc` get their line in the text as location.
  /// - Throws: `GnomonError` with the line and column of the mistake.
  package init(
    parsing text: String, operations: [any Op.Type], file: String = "<ir>", placing: Bool = false
  ) throws(GnomonError) {
    let all = try Graph.parse(text, operations: operations, file: file, placing: placing)
    guard all.count == 1 else {
      throw GnomonError([
        Diagnostic(
          .syntax, "expected one function, found \(all.count)",
          at: Location(position: Location.Position(file: file, line: 1, column: 1)))
      ])
    }
    self = all[0]
  }

  /// Reads a text with any number of functions.
  package static func parse(
    _ text: String, operations: [any Op.Type], file: String = "<ir>", placing: Bool = false
  ) throws(GnomonError) -> [Graph] {
    var parser = Parser(text, operations: operations, file: file, placing: placing)
    do throws(Parser.Failure) { return try parser.file() } catch {
      throw GnomonError([
        Diagnostic(
          error.code, error.message, at: Location(position: parser.position(error.offset)),
          evidence: error.evidence, rule: error.rule, help: error.help)
      ])
    }
  }
}

/// Reads the text of graphs. Names are resolved here; everything else that makes a graph valid is
/// the verifier's, whose findings are put on the line they belong to.
struct Parser {
  struct Failure: Error {
    var code: DiagnosticCode = .syntax
    var message: String
    var offset: Int
    var rule: String?
    var help: String?
    var evidence: [Diagnostic.Evidence] = []
  }

  /// Where the parts of a graph are in the text.
  struct Marks {
    var header = 0
    var parameters: [Int] = []
    var requirements: [Int] = []
    var instructions: [(offset: Int, regions: [Marks])] = []
    var updates: [Int] = []
    var results = 0

    func offset(_ site: Violation.Site) -> Int {
      var marks = self
      for i in stride(from: 0, to: site.region.count - 1, by: 2) {
        marks = marks.instructions[site.region[i]].regions[site.region[i + 1]]
      }
      return switch site.part {
      case .header: marks.header
      case .parameter(let i): marks.parameters[i]
      case .requirement(let i): marks.requirements[i]
      case .instruction(let i): marks.instructions[i].offset
      case .update(let i): marks.updates[i]
      case .results: marks.results
      }
    }
  }

  let text: [Unicode.Scalar]
  var at = 0
  let operations: [String: any Op.Type]
  let fileName: String
  let placing: Bool
  /// How many regions are open around the current position.
  var depth = 0

  init(_ text: String, operations: [any Op.Type], file: String, placing: Bool) {
    self.text = Array(text.unicodeScalars)
    self.operations = Dictionary(operations.map { ($0.mnemonic, $0) }) { first, _ in first }
    fileName = file
    self.placing = placing
  }

  /// The line and column of an offset, counted from 1.
  func position(_ offset: Int) -> Location.Position {
    var line = 1
    var start = 0
    for i in 0..<min(offset, text.count) where text[i] == "\n" {
      line += 1
      start = i + 1
    }
    return Location.Position(
      file: fileName, line: line, column: min(offset, text.count) - start + 1)
  }

  mutating func file() throws(Failure) -> [Graph] {
    var graphs: [Graph] = []
    var names: Set<String> = []
    skipSpace()
    while at < text.count {
      let start = at
      let graph = try function()
      guard names.insert(graph.name).inserted else {
        throw Failure(
          code: .verification, message: "a second function is called @\(graph.name)", offset: start)
      }
      graphs.append(graph)
      skipSpace()
    }
    return graphs
  }

  private mutating func function() throws(Failure) -> Graph {
    try expectWord("func")
    try expect("@")
    let name = try self.name("the name of the function")
    var scope = Scope(name: name, outer: [])
    try signature(&scope)
    try expect("{")
    try body(&scope)
    try expect("}")
    let graph = scope.builder.graph
    if let v = graph.violation() {
      throw Failure(
        code: v.refusal?.code ?? .verification, message: "V\(v.constraint): \(v.message)",
        offset: scope.marks.offset(v.site), rule: v.rule ?? Graph.constraints[v.constraint - 1],
        help: v.refusal?.help, evidence: v.evidence)
    }
    return graph
  }

  /// `[@name] (%x: f32[n]) -> f32[n] requires n >= 1`, then the body.
  private mutating func region(
    _ fallback: String, outer: Scope
  ) throws(Failure) -> (Graph, Marks) {
    depth += 1
    defer { depth -= 1 }
    skipSpace()
    guard depth <= Graph.regionDepthLimit else {
      throw Failure(
        code: .verification, message: "V12: regions nest more than \(Graph.regionDepthLimit) deep",
        offset: at)
    }
    let name = take("@") ? try self.name("the name of the region") : fallback
    var scope = Scope(name: name, outer: outer.outer + [outer.values])
    try signature(&scope)
    try body(&scope)
    return (scope.builder.graph, scope.marks)
  }

  // MARK: - Signatures

  /// A graph under construction and its names.
  struct Scope {
    var builder: GraphBuilder
    var values: [Key: ValueID] = [:]
    var marks = Marks()
    /// The types that the header promises.
    var promised: [TensorType] = []
    /// The names around a region, for a better message.
    let outer: [[Key: ValueID]]

    init(name: String, outer: [[Key: ValueID]]) {
      builder = GraphBuilder(name: name)
      self.outer = outer
    }
  }

  /// `%12` and `%"12"` are different values: only the second has a name.
  struct Key: Hashable {
    var name: String
    var isNumber: Bool
    var spelling: String { isNumber ? "%\(name)" : "%\(Dim.wordOrQuoted(name))" }
  }

  private mutating func signature(_ scope: inout Scope) throws(Failure) {
    skipSpace()
    scope.marks.header = at
    try expect("(")
    if !take(")") {
      repeat {
        skipSpace()
        let start = at
        let isVariable = takeWord("variable")
        let key = try valueName()
        try expect(":")
        let type = try self.type()
        if !key.isNumber, scope.values[key] != nil {
          throw Failure(
            code: .verification, message: "V8: two parameters are called `\(key.name)`",
            offset: start, rule: Graph.constraints[7])
        }
        try define(
          key,
          scope.builder.addParameter(
            type, name: key.isNumber ? nil : key.name, isVariable: isVariable), &scope, at: start)
        scope.marks.parameters.append(start)
      } while take(",")
      try expect(")")
    }
    try expect("->")
    scope.promised = try types()
    guard takeWord("requires") else { return }
    repeat {
      skipSpace()
      let start = at
      let left = try size()
      let relation: Requirement.Relation
      if take("==") {
        relation = .equal
      } else if take(">=") {
        relation = .atLeast
      } else if takeWord("divides") {
        relation = .divides
      } else {
        throw failure("expected ==, >= or divides")
      }
      let right = try size()
      let requirement = Requirement(left, relation, right, at: try location(start) ?? .unknown)
      let count = scope.builder.graph.requirements.count
      scope.builder.require(requirement, at: .unknown)
      if scope.builder.graph.requirements.count > count { scope.marks.requirements.append(start) }
      guard count < 4096 else { throw failure("there are more than 4096 requirements", at: start) }
    } while take(",")
  }

  private func define(
    _ key: Key, _ value: ValueID, _ scope: inout Scope, at offset: Int
  ) throws(Failure) {
    guard scope.values.updateValue(value, forKey: key) == nil else {
      throw Failure(
        code: .verification, message: "V2: \(key.spelling) is defined a second time",
        offset: offset, rule: Graph.constraints[1])
    }
  }

  // MARK: - Bodies

  private mutating func body(_ scope: inout Scope) throws(Failure) {
    while true {
      skipSpace()
      let start = at
      if takeWord("return") {
        try results(&scope, at: start)
        return
      } else if takeWord("update") {
        let variable = try value(scope)
        try expect("=")
        let becomes = try value(scope)
        scope.builder.addUpdate(variable, becomes: becomes)
        scope.marks.updates.append(start)
      } else {
        guard scope.builder.graph.updates.isEmpty else {
          throw failure("expected update or return: updates come last", at: start)
        }
        try instruction(&scope, at: start)
      }
    }
  }

  private mutating func results(_ scope: inout Scope, at start: Int) throws(Failure) {
    var results: [ValueID] = []
    skipSpace()
    if peek("%") {
      repeat { results.append(try value(scope)) } while take(",")
    }
    scope.builder.setResults(results)
    scope.marks.results = start
    let given = results.map { scope.builder.type(of: $0) }
    guard given == scope.promised else {
      func list(_ types: [TensorType]) -> String {
        types.isEmpty ? "()" : types.map(\.irText).joined(separator: ", ")
      }
      throw Failure(
        code: .verification,
        message: "V4: the header promises \(list(scope.promised)), but \(list(given)) is returned",
        offset: start, rule: Graph.constraints[3])
    }
  }

  private mutating func instruction(_ scope: inout Scope, at start: Int) throws(Failure) {
    var keys: [Key] = []
    if peek("%") {
      repeat { keys.append(try valueName()) } while take(",")
      try expect("=")
    }
    skipSpace()
    let opStart = at
    guard let mnemonic = word() else { throw failure("expected an instruction") }
    guard let type = operations[mnemonic] else {
      throw Failure(
        code: .unknownOperation, message: "there is no operation `\(mnemonic)`", offset: opStart,
        help: "IR/operations.md lists them all")
    }
    var operands: [ValueID] = []
    skipSpace()
    if peek("%") {
      repeat { operands.append(try value(scope)) } while take(",")
    }
    skipSpace()
    let attributeStart = at
    var attributes: [(key: String, value: AttributeValue)] = []
    if peek("{"), case .record(let entries, _) = try attributeValue(depth: 0) {
      attributes = entries
    }
    let op: any Op
    do { op = try type.init(attributes: attributes, at: attributeStart) } catch {
      guard let error = error as? AttributeError else {
        throw failure("\(mnemonic): the attributes cannot be read", at: attributeStart)
      }
      throw failure("\(mnemonic): \(error.message)", at: error.offset)
    }
    try expect(":")
    let types = try self.types()
    guard types.count == keys.count else {
      throw failure("\(keys.count) results but \(types.count) types", at: start)
    }
    var regions: [Graph] = []
    var marks: [Marks] = []
    while take("{") {
      let (graph, inner) = try region("\(mnemonic)_\(regions.count)", outer: scope)
      regions.append(graph)
      marks.append(inner)
      try expect("}")
    }
    let place = try location(start)
    let values = scope.builder.append(
      op, operands, types: types, names: keys.map { $0.isNumber ? nil : $0.name },
      regions: regions,
      at: place ?? (placing ? Location(position: position(start)) : .unknown))
    scope.marks.instructions.append((start, marks))
    for (key, v) in zip(keys, values) { try define(key, v, &scope, at: start) }
  }

  /// A value that is defined already.
  private mutating func value(_ scope: Scope) throws(Failure) -> ValueID {
    skipSpace()
    let start = at
    let key = try valueName()
    if let v = scope.values[key] { return v }
    if scope.outer.contains(where: { $0[key] != nil }) {
      throw Failure(
        code: .verification,
        message: "V5: \(key.spelling) lies outside the region",
        offset: start, rule: Graph.constraints[4],
        help: "hand it in as an operand, which is a parameter inside")
    }
    throw Failure(
      code: .verification, message: "V1: \(key.spelling) is not defined before", offset: start,
      rule: Graph.constraints[0])
  }
}
