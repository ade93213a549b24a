public import Foundation
internal import GnomonTensors

extension Diagnostic: CustomStringConvertible, CustomDebugStringConvertible, LocalizedError {
  /// The mistake as a compiler reports it: the number and the message, the place with its line of
  /// source, the values involved with the axes that matter underlined, the rule and the remedy.
  public var description: String { DiagnosticRenderer(self).text }

  /// The same, on a line of its own: an uncaught error is printed after other words.
  public var debugDescription: String { "\n" + description }

  public var errorDescription: String? { description }
}

extension GnomonError: CustomStringConvertible, CustomDebugStringConvertible, LocalizedError {
  /// The mistakes in the order of the program, then their number.
  public var description: String {
    // All addresses at once: one symbolication instead of one for each mistake.
    _ = Location.resolved(diagnostics.flatMap { [$0.location] + $0.evidence.compactMap(\.origin) })
    let texts = diagnostics.map(\.description)
    return (texts + (texts.count > 1 ? ["\(texts.count) errors"] : [])).joined(separator: "\n\n")
  }

  public var debugDescription: String { "\n" + description }

  public var errorDescription: String? { description }
}

/// Lays out one diagnostic:
///
///     error[G0012]: matmul: the inner dimensions differ: 784 and 785
///       --> Examples/MLP/main.swift:21:14
///     21 | let logits = matmul(x, w) + b
///        |              ^
///        |   x : float32 [batch, 784]
///        |                       ^^^
///        |   w : float32 [785, 10]        made at main.swift:17
///        |                ^^^
///        = rule matmul C2: the last dimension of the left operand equals …
///        = help: the right operand could be [784, 10]
private struct DiagnosticRenderer {
  private let diagnostic: Diagnostic
  private let position: Location.Position?
  private let origins: [Location.Position?]
  /// As wide as the line number.
  private let margin: String
  private var lines: [String] = []

  var text: String { lines.joined(separator: "\n") }

  init(_ diagnostic: Diagnostic) {
    self.diagnostic = diagnostic
    let places = Location.resolved(
      [diagnostic.location] + diagnostic.evidence.map { $0.origin ?? .unknown })
    position = places[0]
    origins = Array(places.dropFirst())
    margin = String(repeating: " ", count: max(2, "\(position?.line ?? 0)".count))
    lines.append("error[\(diagnostic.code.id)]: \(diagnostic.message.onOneLine)")
    addPlace()
    addEvidence()
    addNotes()
  }

  private mutating func addPlace() {
    guard let position else { return }
    lines.append("\(margin)--> \(position.shown)")
    guard let excerpt = SourceExcerpt(position) else { return }
    let number = "\(position.line)"
    lines.append(
      "\(spaces(margin.count - number.count))\(number) | \(excerpt.text)")
    lines.append("\(margin) | \(spaces(excerpt.indent))^")
  }

  private mutating func addEvidence() {
    let labels = diagnostic.evidence.map(\.label.onOneLine)
    let types = diagnostic.evidence.map { TypeText($0.type) }
    let labelWidth = labels.map(\.displayWidth).max() ?? 0
    let typeWidth = types.map(\.text.displayWidth).max() ?? 0
    for (i, evidence) in diagnostic.evidence.enumerated() {
      let head = "  \(labels[i])\(spaces(labelWidth - labels[i].displayWidth)) : "
      var line = "\(margin) | \(head)\(types[i].text)"
      if let origin = made(i) {
        line += "\(spaces(typeWidth - types[i].text.displayWidth + 4))made at \(origin)"
      }
      lines.append(line)
      let marks = types[i].underline(evidence.markedAxes)
      if !marks.isEmpty {
        lines.append("\(margin) | \(spaces(head.displayWidth))\(marks)")
      }
    }
  }

  /// Where a value was made, unless that is the line shown already.
  private func made(_ i: Int) -> String? {
    guard let origin = origins[i] else { return nil }
    if origin.shownFile == position?.shownFile {
      return origin.line == position?.line ? nil : "\(origin.fileName):\(origin.line)"
    }
    return "\(origin.shownFile):\(origin.line)"
  }

  private mutating func addNotes() {
    if let scope = diagnostic.location.scope {
      let names = scope.path.reversed().map { "in \($0.onOneLine)" }
      lines.append("\(margin) = note: \(names.joined(separator: ", "))")
    }
    if let rule = diagnostic.rule { lines.append("\(margin) = rule \(rule.onOneLine)") }
    if let help = diagnostic.help { lines.append("\(margin) = help: \(help.onOneLine)") }
  }
}

/// A type as text that knows where each axis stands in it.
private struct TypeText {
  private(set) var text: String
  private var axes: [(start: Int, width: Int)] = []

  init(_ type: TensorType) {
    text = "\(type.dtype) ["
    for (axis, size) in type.shape.enumerated() {
      if axis > 0 { text += ", " }
      let size = "\(size)".onOneLine
      axes.append((text.displayWidth, size.displayWidth))
      text += size
    }
    text += "]"
  }

  func underline(_ marked: [Int]) -> String {
    var line = ""
    for axis in Set(marked).sorted() where axes.indices.contains(axis) {
      let (start, width) = axes[axis]
      line += spaces(start - line.count) + String(repeating: "^", count: width)
    }
    return line
  }
}

private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }
