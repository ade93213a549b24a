internal import Gnomon

extension Model {
  /// The layers with their output shapes and numbers of parameters, as Keras prints them.
  ///
  ///     print(model.summary())
  ///
  /// Models that are not one chain of layers have a column more: what each layer is connected to.
  public func summary() -> String {
    guard trace != nil else {
      return "Model: \"\(name)\"\nThe model is not built: the shape of its input is not known."
    }
    let rows = SummaryRow.rows(of: self)
    let isChain = rows.allSatisfy { $0.sources.count <= 1 } && isOneChain
    var table = Table([
      Column("Layer (type)", rows.map(\.label)), Column("Output Shape", rows.map(\.shape)),
      Column("Param #", rows.map { $0.parameters.grouped }, isRight: true),
    ])
    if !isChain {
      table.columns.append(
        Column("Connected to", rows.map { $0.sources.joined(separator: ", ") }))
    }
    let (trained, fixed) = (trainableWeights, nonTrainableWeights)
    return """
      Model: "\(name)"
      \(table.text)
       Total params: \(total(weights))
       Trainable params: \(total(trained))
       Non-trainable params: \(total(fixed))
      """
  }

  /// Whether each call is on what the call before returned.
  private var isOneChain: Bool {
    guard let trace, trace.inputs.count == 1 else { return false }
    for (a, b) in zip(trace.nodes, trace.nodes.dropFirst())
    where b.inputs.first?.layerNode !== a {
      return false
    }
    return true
  }

  private func total(_ weights: [Weight]) -> String {
    let count = weights.reduce(0) { $0 + $1.elementCount }
    return "\(count.grouped) (\(byteText(weights.reduce(0) { $0 + $1.byteCount })))"
  }
}

/// One line of a summary: a call of a layer.
struct SummaryRow {
  let label: String
  let shape: String
  let parameters: Int
  let sources: [String]

  static func rows(of model: Model) -> [SummaryRow] {
    guard let trace = model.trace else { return [] }
    var rows: [SummaryRow] = []
    if !(model is Sequential) {
      rows = trace.inputs.map { x in
        SummaryRow(
          label: "\(x.label) (Input)", shape: text([x.shape]), parameters: 0, sources: [])
      }
    }
    if let loaded = model.layers as? [LoadedLayer], !loaded.isEmpty {
      return rows
        + loaded.map { layer in
          SummaryRow(
            label: "\(layer.name) (\(layer.record.type))", shape: text(layer.record.outputShapes),
            parameters: layer.parameterCount, sources: layer.record.sources)
        }
    }
    var counted: Set<ObjectIdentifier> = []
    for node in trace.nodes where !(node.layer is InputLayer) {
      // A shared layer's weights count once.
      let isFirst = counted.insert(ObjectIdentifier(node.layer)).inserted
      rows.append(
        SummaryRow(
          label: "\(node.layer.name) (\(type(of: node.layer)))", shape: text(node.outputShapes),
          parameters: isFirst ? node.layer.parameterCount : 0, sources: sources(node)))
    }
    return rows
  }

  /// The calls of layers as a file keeps them.
  static func saved(_ model: Model) -> [SavedModel.SavedLayer] {
    if let loaded = model.layers as? [LoadedLayer], !loaded.isEmpty { return loaded.map(\.record) }
    var counted: Set<ObjectIdentifier> = []
    return (model.trace?.nodes ?? []).map { node in
      let isFirst = counted.insert(ObjectIdentifier(node.layer)).inserted
      return SavedModel.SavedLayer(
        name: node.layer.name, type: "\(type(of: node.layer))", outputShapes: node.outputShapes,
        weights: isFirst ? node.layer.weights.map(\.name) : [], sources: sources(node))
    }
  }

  private static func text(_ shapes: [[Dim]]) -> String {
    let each = shapes.map { "[\($0.map(\.description).joined(separator: ", "))]" }
    return each.joined(separator: ", ")
  }

  /// The layers or inputs that a call's inputs come from, also through operators.
  private static func sources(_ node: LayerNode) -> [String] {
    var found: [String] = []
    for x in node.inputs {
      for name in LayerWalk.origins(of: x) where !found.contains(name) { found.append(name) }
    }
    return found
  }
}

private struct Column {
  let title: String
  let cells: [String]
  let isRight: Bool

  init(_ title: String, _ cells: [String], isRight: Bool = false) {
    self.title = title
    self.cells = cells
    self.isRight = isRight
  }

  var width: Int { ([title] + cells).map(\.count).max()! }

  func padded(_ text: String) -> String {
    let gap = String(repeating: " ", count: width - text.count)
    return isRight ? gap + text : text + gap
  }
}

private struct Table {
  var columns: [Column]
  init(_ columns: [Column]) { self.columns = columns }

  var text: String {
    func rule(_ left: String, _ line: String, _ middle: String, _ right: String) -> String {
      let parts = columns.map { String(repeating: line, count: $0.width + 2) }
      return left + parts.joined(separator: middle) + right
    }
    func row(_ bar: String, _ texts: [String]) -> String {
      bar + " " + zip(columns, texts).map { $0.padded($1) }.joined(separator: " \(bar) ") + " "
        + bar
    }
    var lines = [
      rule("┏", "━", "┳", "┓"), row("┃", columns.map(\.title)), rule("┡", "━", "╇", "┩"),
    ]
    for i in columns[0].cells.indices {
      if i > 0 { lines.append(rule("├", "─", "┼", "┤")) }
      lines.append(row("│", columns.map { $0.cells[i] }))
    }
    return (lines + [rule("└", "─", "┴", "┘")]).joined(separator: "\n")
  }
}

extension Int {
  /// The number with commas between thousands.
  package var grouped: String {
    var digits = String(magnitude)
    var parts: [String] = []
    while digits.count > 3 {
      parts.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (self < 0 ? "-" : "") + ([digits] + parts).joined(separator: ",")
  }
}

/// A size of memory with two decimals, as Keras writes it.
private func byteText(_ bytes: Int) -> String {
  var value = Double(bytes)
  let units = ["B", "KB", "MB", "GB", "TB"]
  var unit = 0
  while value >= 1024, unit < units.count - 1 {
    value /= 1024
    unit += 1
  }
  let hundredths = Int((value * 100).rounded())
  let rest = hundredths % 100
  return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) \(units[unit])"
}
