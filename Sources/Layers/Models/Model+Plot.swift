internal import Foundation
internal import Gnomon

extension Model {
  /// The graph of layers in the language of Graphviz.
  public func dot() -> String {
    let plot = LayerPlot(self)
    var lines = ["digraph \"\(name)\" {", "  node [shape=box, fontname=\"sans-serif\"];"]
    for (i, box) in plot.boxes.enumerated() {
      lines.append("  n\(i) [label=\"\(box.lines.map(escapedForDOT).joined(separator: "\\n"))\"];")
    }
    for edge in plot.edges { lines.append("  n\(edge.from) -> n\(edge.to);") }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  /// The graph of layers as a picture.
  public func svg() -> String { LayerPlot(self).svg }

  /// Writes the graph of layers: as text for Graphviz if the name ends in `.dot`, as SVG if in `.svg`.
  ///
  /// - Throws: `GnomonError` for another ending or a model that is not built, and what writing a file throws.
  public func plot(to path: String) throws {
    try validate()
    let text: String
    switch URL(filePath: path).pathExtension.lowercased() {
    case "dot", "gv": text = dot()
    case "svg": text = svg()
    default: throw GnomonError([.plotFormat(path)])
    }
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
  }

  private func escapedForDOT(_ text: String) -> String {
    text.replacingOccurrences(of: "\\", with: "\\\\")
      .replacingOccurrences(of: "\"", with: "\\\"")
  }
}
