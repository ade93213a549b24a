internal import Foundation
internal import Gnomon
internal import GnomonIR
internal import GnomonOperations

extension Diagnostic {
  static func plotFormat(_ path: String) -> Diagnostic {
    Diagnostic(
      .unknownName, "plot: the ending of \"\(path)\" is neither .svg nor .dot", at: .unknown,
      help: "plot(to: \"model.svg\")")
  }
}

/// A model's inputs and calls of layers as boxes in rows, each below those it depends on.
struct LayerPlot {
  struct Box {
    let lines: [String]
    var row = 0
    var x = 0.0

    var width: Double { Double(lines.map(\.count).max() ?? 0) * 7.5 + 24 }
  }

  private(set) var boxes: [Box] = []
  private(set) var edges: [(from: Int, to: Int)] = []

  init(_ model: Model) {
    guard let trace = model.trace else { return }
    var ofInput: [Expr.ID: Int] = [:]
    var ofNode: [ObjectIdentifier: Int] = [:]
    for x in trace.inputs {
      ofInput[x.id] = boxes.count
      boxes.append(Box(lines: ["\(x.label) (Input)", shapeText([x.shape])]))
    }
    for node in trace.nodes {
      let index = boxes.count
      ofNode[ObjectIdentifier(node)] = index
      let shapes = "\(shapeText(node.inputShapes)) → \(shapeText(node.outputShapes))"
      boxes.append(Box(lines: ["\(node.layer.name) (\(type(of: node.layer)))", shapes]))
      for source in LayerPlot.sources(node, ofInput, ofNode) {
        edges.append((source, index))
        boxes[index].row = max(boxes[index].row, boxes[source].row + 1)
      }
    }
    place()
  }

  /// The boxes that a call's inputs come from, also through operators.
  private static func sources(
    _ node: LayerNode, _ ofInput: [Expr.ID: Int], _ ofNode: [ObjectIdentifier: Int]
  ) -> [Int] {
    var found: [Int] = []
    var seen: Set<ObjectIdentifier> = []
    var pending = Array(node.inputs.reversed())
    while let e = pending.popLast() {
      guard seen.insert(ObjectIdentifier(e.node)).inserted else { continue }
      if let i = e.layerNode.flatMap({ ofNode[ObjectIdentifier($0)] }) ?? ofInput[e.id] {
        if !found.contains(i) { found.append(i) }
      } else {
        pending += e.node.operands.reversed()
      }
    }
    return found
  }

  private func shapeText(_ shapes: [[Dim]]) -> String {
    shapes.map { "[\($0.map(\.description).joined(separator: ", "))]" }.joined(separator: ", ")
  }

  // MARK: - Layout

  private static let rowHeight = 76.0
  private static let boxHeight = 44.0
  private static let gap = 24.0

  /// Rows centred one below the other, in the order of the boxes.
  private mutating func place() {
    let total = width
    for row in 0...(boxes.map(\.row).max() ?? 0) {
      let members = boxes.indices.filter { boxes[$0].row == row }
      var x = (total - rowWidth(members)) / 2
      for i in members {
        boxes[i].x = x
        x += boxes[i].width + LayerPlot.gap
      }
    }
  }

  private func rowWidth(_ members: [Int]) -> Double {
    members.reduce(-LayerPlot.gap) { $0 + boxes[$1].width + LayerPlot.gap }
  }

  private var width: Double {
    Dictionary(grouping: boxes.indices, by: { boxes[$0].row }).values.map(rowWidth).max() ?? 0
  }

  // MARK: - SVG

  var svg: String {
    let margin = 16.0
    let height = Double((boxes.map(\.row).max() ?? 0) + 1) * LayerPlot.rowHeight
    func n(_ x: Double) -> String { String(format: "%.1f", x) }
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(n(width + 2 * margin))\""
        + " height=\"\(n(height + margin))\" font-family=\"sans-serif\" font-size=\"13\">",
      "<defs><marker id=\"a\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\""
        + " orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\"/></marker></defs>",
    ]
    func top(_ i: Int) -> Double { margin + Double(boxes[i].row) * LayerPlot.rowHeight }
    func middle(_ i: Int) -> Double { margin + boxes[i].x + boxes[i].width / 2 }
    for (a, b) in edges {
      lines.append(
        "<line x1=\"\(n(middle(a)))\" y1=\"\(n(top(a) + LayerPlot.boxHeight))\""
          + " x2=\"\(n(middle(b)))\" y2=\"\(n(top(b)))\" stroke=\"black\" marker-end=\"url(#a)\"/>")
    }
    for (i, box) in boxes.enumerated() {
      lines.append(
        "<rect x=\"\(n(margin + box.x))\" y=\"\(n(top(i)))\" width=\"\(n(box.width))\""
          + " height=\"\(n(LayerPlot.boxHeight))\" rx=\"4\" fill=\"#eef3f8\" stroke=\"#456\"/>")
      for (k, text) in box.lines.enumerated() {
        lines.append(
          "<text x=\"\(n(middle(i)))\" y=\"\(n(top(i) + 18 + Double(k) * 17))\""
            + " text-anchor=\"middle\">\(escaped(text))</text>")
      }
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;")
  }
}
