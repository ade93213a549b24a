extension Drawing {
  /// The picture as an SVG file.
  var svg: String {
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "font-family=\"monospace\" font-size=\"12\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
    ]
    for shape in shapes {
      switch shape {
      case .line(let points, let color, let width):
        let list = points.map { "\(fixed($0.x, places: 1)),\(fixed($0.y, places: 1))" }
        lines.append(
          "<polyline points=\"\(list.joined(separator: " "))\" fill=\"none\" "
            + "stroke=\"\(color.hex)\" stroke-width=\"\(fixed(width, places: 1))\"/>")
      case .text(let text, let x, let y, let anchor, let color):
        let place =
          switch anchor {
          case .start: "start"
          case .middle: "middle"
          case .end: "end"
          }
        lines.append(
          "<text x=\"\(fixed(x, places: 1))\" y=\"\(fixed(y, places: 1))\" "
            + "text-anchor=\"\(place)\" fill=\"\(color.hex)\">\(Drawing.escaped(text))</text>")
      }
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private static func escaped(_ text: String) -> String {
    text.map { c in
      switch c {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: String(c)
      }
    }.joined()
  }
}

extension Drawing.Color {
  var hex: String {
    "#"
      + [red, green, blue].map { part in
        let digits = String(part, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }
}
