package import GnomonTensors

/// What the text of a graph shows beside the program itself.
package struct TextOptions: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// The user's file, line and scopes at the end of each line.
  package static let locations = TextOptions(rawValue: 1)
  /// Long strings (the bytes of constant arrays) are cut, so the text does not parse back.
  package static let abbreviated = TextOptions(rawValue: 2)
}

extension Graph: CustomStringConvertible {
  package var description: String { text(.abbreviated) }

  /// The graph in the language that `IR/README.md` specifies; `Graph(parsing:operations:)` reads it.
  ///
  /// - Parameter position: finds the line of a location that was captured as return addresses.
  package func text(
    _ options: TextOptions = [], position: ((Location) -> Location.Position?)? = nil
  ) -> String {
    var printer = Printer(options, position: position)
    printer.function(self)
    return printer.lines.joined(separator: "\n")
  }
}

/// Writes graphs line by line. It prints faulty graphs too, since the verifier shows them.
struct Printer {
  private let options: TextOptions
  private let position: ((Location) -> Location.Position?)?
  private(set) var lines: [String] = []
  private var indent = ""
  /// The site whose line `wantedLine` becomes.
  private let wanted: Violation.Site?
  private(set) var wantedLine: Int?
  private var path: [Int] = []

  init(
    _ options: TextOptions = [], position: ((Location) -> Location.Position?)? = nil,
    wanted: Violation.Site? = nil
  ) {
    self.options = options
    self.position = position
    self.wanted = wanted
  }

  mutating func function(_ graph: Graph) {
    let names = Printer.names(graph)
    var header = "func @\(Dim.wordOrQuoted(graph.name))"
    appendSignature(graph, names, to: &header)
    noteHeader()
    lines.append(header + " {")
    body(graph, names)
    lines.append("}")
  }

  /// Remembers the coming line if it shows the wanted part.
  private mutating func note(_ part: Violation.Part) {
    if let wanted, wanted.part == part, wanted.region == path { wantedLine = lines.count }
  }

  private mutating func noteHeader() {
    guard let wanted, wanted.region == path else { return }
    switch wanted.part {
    case .header, .parameter, .requirement: wantedLine = lines.count
    default: break
    }
  }

  /// `(%x: f32[n]) -> f32[n] requires n >= 1`
  private func appendSignature(_ graph: Graph, _ names: [String], to line: inout String) {
    line += "("
    for (i, p) in graph.parameters.enumerated() {
      if i > 0 { line += ", " }
      if graph.variables.contains(p) { line += "variable " }
      line += Printer.name(p, names)
      line += ": "
      appendType(p, graph, to: &line)
    }
    line += ") -> "
    if graph.results.isEmpty { line += "()" }
    for (i, r) in graph.results.enumerated() {
      if i > 0 { line += ", " }
      appendType(r, graph, to: &line)
    }
    for (i, r) in graph.requirements.enumerated() {
      line += i == 0 ? " requires " : ", "
      line += "\(r.left.irText) \(r.relation.rawValue) \(r.right.irText)"
      appendLocation(r.location, to: &line)
    }
  }

  private mutating func body(_ graph: Graph, _ names: [String]) {
    indent += "  "
    defer { indent.removeLast(2) }
    for (i, instruction) in graph.instructions.enumerated() {
      note(.instruction(i))
      var line = indent
      for (k, r) in instruction.results.enumerated() {
        line += k == 0 ? "" : ", "
        line += Printer.name(r, names)
      }
      if !instruction.results.isEmpty { line += " = " }
      line += instruction.op.mnemonic
      appendValues(instruction.operands, names, to: &line)
      appendAttributes(instruction.op, to: &line)
      for (k, r) in instruction.results.enumerated() {
        line += k == 0 ? " : " : ", "
        appendType(r, graph, to: &line)
      }
      if instruction.results.isEmpty { line += " : ()" }
      for (k, region) in instruction.regions.enumerated() {
        path += [i, k]
        defer { path.removeLast(2) }
        lines.append(line + " {")
        let inner = Printer.names(region)
        line = indent + "  "
        if region.name != "\(instruction.op.mnemonic)_\(k)" {
          line += "@\(Dim.wordOrQuoted(region.name))"
        }
        appendSignature(region, inner, to: &line)
        noteHeader()
        lines.append(line)
        body(region, inner)
        line = indent + "}"
      }
      let id = Int(instruction.location.raw)
      if graph.locations.indices.contains(id) { appendLocation(graph.locations[id], to: &line) }
      lines.append(line)
    }
    for (i, u) in graph.updates.enumerated() {
      note(.update(i))
      lines.append(
        "\(indent)update \(Printer.name(u.variable, names)) = \(Printer.name(u.becomes, names))")
    }
    note(.results)
    var line = "\(indent)return"
    appendValues(graph.results, names, to: &line)
    lines.append(line)
  }

  private func appendValues(_ values: [ValueID], _ names: [String], to line: inout String) {
    for (i, v) in values.enumerated() {
      line += i == 0 ? " " : ", "
      line += Printer.name(v, names)
    }
  }

  private func appendAttributes(_ op: any Op, to line: inout String) {
    let attributes: [(key: String, value: AttributeValue)]
    do { attributes = try op.attributes() } catch {
      // Only an op that is not encodable by name gets here; the round-trip test names it.
      line += " {?}"
      return
    }
    guard !attributes.isEmpty else { return }
    line += " "
    AttributeValue.record(attributes, at: 0).append(
      to: &line, limit: options.contains(.abbreviated) ? 40 : nil)
  }

  private func appendType(_ value: ValueID, _ graph: Graph, to line: inout String) {
    if graph.values.indices.contains(value.index) {
      graph.values[value.index].type.appendIRText(to: &line)
    } else {
      line += "?"
    }
  }

  /// ` loc("file":21:14 in "outer"/"inner")`
  private func appendLocation(_ location: Location, to line: inout String) {
    guard options.contains(.locations) else { return }
    let place = location.position ?? position?(location)
    guard place != nil || location.scope != nil else { return }
    line += " loc("
    line += place.map { "\(Dim.quoted($0.file)):\($0.line):\($0.column)" } ?? "?"
    if let scope = location.scope {
      line += " in " + scope.path.map { Dim.quoted($0) }.joined(separator: "/")
    }
    line += ")"
  }

  private static func name(_ value: ValueID, _ names: [String]) -> String {
    names.indices.contains(value.index) ? names[value.index] : "%?\(value.raw)"
  }

  /// The spelling of every value: the user's name if no earlier value has it, else the next number.
  static func names(_ graph: Graph) -> [String] {
    var names = [String](repeating: "", count: graph.values.count)
    var used: Set<String> = []
    var next = 0
    func assign(_ v: ValueID) {
      guard graph.values.indices.contains(v.index), names[v.index].isEmpty else { return }
      if let name = graph.values[v.index].name, used.insert(name).inserted {
        names[v.index] = "%" + Dim.wordOrQuoted(name)
      } else {
        names[v.index] = "%\(next)"
        next += 1
      }
    }
    for p in graph.parameters { assign(p) }
    for instruction in graph.instructions { for r in instruction.results { assign(r) } }
    // Values that nothing defines: only faulty graphs have them.
    for i in names.indices where names[i].isEmpty { names[i] = "%?\(i)" }
    return names
  }
}

extension TensorType {
  /// For example `f32[batch, 784]`.
  package var irText: String {
    var text = ""
    appendIRText(to: &text)
    return text
  }

  package func appendIRText(to text: inout String) {
    text += dtype.irName
    text += "["
    for (i, d) in shape.enumerated() {
      if i > 0 { text += ", " }
      text += d.irText
    }
    text += "]"
  }
}
