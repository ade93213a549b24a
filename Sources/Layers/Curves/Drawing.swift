/// A picture of lines and words, to be written as SVG or as pixels.
struct Drawing {
  /// Red, green, blue.
  struct Color: Hashable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8

    static let ink = Color(red: 0x33, green: 0x33, blue: 0x33)
    static let pale = Color(red: 0xDD, green: 0xDD, blue: 0xDD)
    static let blue = Color(red: 0x1F, green: 0x77, blue: 0xB4)
    static let orange = Color(red: 0xFF, green: 0x7F, blue: 0x0E)
  }

  /// Which end of a word, or its middle, is at its position.
  enum Anchor { case start, middle, end }

  enum Shape {
    case line([(x: Double, y: Double)], Color, width: Double)
    /// A word whose letters stand on the height y.
    case text(String, x: Double, y: Double, Anchor, Color)
  }

  let width: Int
  let height: Int
  private(set) var shapes: [Shape] = []

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  mutating func line(_ points: [(x: Double, y: Double)], _ color: Color, width: Double = 1) {
    shapes.append(.line(points, color, width: width))
  }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, _ color: Color = .ink
  ) { shapes.append(.text(text, x: x, y: y, anchor, color)) }
}
