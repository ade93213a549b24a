internal import GnomonTensors

extension Drawing {
  /// The picture as a PNG file, in RGB of eight bits.
  var png: [UInt8] {
    var canvas = Canvas(width: width, height: height)
    for shape in shapes {
      switch shape {
      case .line(let points, let color, let width):
        for (a, b) in zip(points, points.dropFirst()) { canvas.line(a, b, color, width) }
      case .text(let text, let x, let y, let anchor, let color):
        let length = Double(text.count * Canvas.advance)
        let start =
          switch anchor {
          case .start: x
          case .middle: x - length / 2
          case .end: x - length
          }
        canvas.text(text, Int(start.rounded()), Int(y.rounded()), color)
      }
    }
    return canvas.file
  }
}

/// Pixels in rows.
private struct Canvas {
  /// The width of a letter with the space after it.
  static let advance = 6

  private let width: Int
  private let height: Int
  private var pixels: [UInt8]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: 255, count: width * height * 3)
  }

  /// Mixes a color in, `share` of it.
  private mutating func blend(_ x: Int, _ y: Int, _ color: Drawing.Color, _ share: Double) {
    guard x >= 0, x < width, y >= 0, y < height, share > 0 else { return }
    let at = 3 * (y * width + x)
    for (i, part) in [color.red, color.green, color.blue].enumerated() {
      let old = Double(pixels[at + i])
      pixels[at + i] = UInt8((old + (Double(part) - old) * min(share, 1)).rounded())
    }
  }

  /// A line with soft edges: each pixel near it takes the share of it that the line covers.
  mutating func line(
    _ a: (x: Double, y: Double), _ b: (x: Double, y: Double), _ color: Drawing.Color,
    _ thickness: Double
  ) {
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let squared = max(dx * dx + dy * dy, 1e-9)
    let reach = thickness / 2 + 1
    for y in Int(min(a.y, b.y) - reach)...Int(max(a.y, b.y) + reach) {
      for x in Int(min(a.x, b.x) - reach)...Int(max(a.x, b.x) + reach) {
        let (px, py) = (Double(x) + 0.5 - a.x, Double(y) + 0.5 - a.y)
        let along = min(max((px * dx + py * dy) / squared, 0), 1)
        let (ex, ey) = (px - along * dx, py - along * dy)
        blend(x, y, color, thickness / 2 + 0.5 - (ex * ex + ey * ey).squareRoot())
      }
    }
  }

  /// A word whose letters stand on the row y.
  mutating func text(_ text: String, _ x: Int, _ y: Int, _ color: Drawing.Color) {
    for (i, letter) in text.enumerated() {
      for (row, bits) in (PixelFont.glyphs[letter] ?? PixelFont.unknown).enumerated() {
        for column in 0..<5 where bits & (16 >> column) != 0 {
          blend(x + i * Self.advance + column, y - 7 + row, color, 1)
        }
      }
    }
  }

  /// The PNG file: header, one compressed block of rows without filter, end.
  var file: [UInt8] {
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (3 * width + 1))
    for y in 0..<height {
      rows.append(0)
      rows += pixels[(3 * y * width)..<(3 * (y + 1) * width)]
    }
    let header = bytes(width) + bytes(height) + [8, 2, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
      + chunk("IDAT", deflated([rows], .zlib)) + chunk("IEND", [])
  }

  private func bytes(_ n: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: n >> $0) }
  }

  private func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    let named = Array(name.utf8) + body
    return bytes(body.count) + named + bytes(Int(checksum([named])))
  }
}
