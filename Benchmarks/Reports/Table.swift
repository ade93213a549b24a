import Foundation

/// Columns of text: for a terminal, a line after the other as they come, or as Markdown.
struct Table {
  struct Column {
    let title: String
    let width: Int
  }

  /// The first is flush left, the others flush right.
  let columns: [Column]
  private(set) var rows: [[String]] = []

  init(_ columns: [(title: String, width: Int)]) {
    self.columns = columns.map { Column(title: $0.title, width: $0.width) }
  }

  var header: String { line(columns.map(\.title)) }

  /// Keeps a row, and returns its line.
  mutating func add(_ cells: [String]) -> String {
    rows.append(cells)
    return line(cells)
  }

  private func line(_ cells: [String]) -> String {
    zip(columns, cells).enumerated().map { index, pair in
      let (column, cell) = pair
      let space = String(repeating: " ", count: max(0, column.width - cell.count))
      return index == 0 ? cell + space : space + cell
    }.joined(separator: "  ")
  }

  var markdown: String {
    let alignment = columns.indices.map { $0 == 0 ? "---" : "---:" }
    return ([columns.map(\.title), alignment] + rows)
      .map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }
}

/// Figures as people read them: four digits and a unit.
enum Shown {
  static func seconds(_ s: Double) -> String {
    if s >= 1 { return number(s) + " s" }
    if s >= 1e-3 { return number(s * 1e3) + " ms" }
    return s >= 1e-6 ? number(s * 1e6) + " µs" : number(s * 1e9) + " ns"
  }

  static func billions(_ x: Double, _ unit: String) -> String { number(x / 1e9) + " " + unit }

  static func percent(_ x: Double) -> String { String(format: "%.0f %%", x * 100) }

  static func bytes(_ count: Int) -> String {
    count >= 1 << 20 ? "\(number(Double(count) / 1_048_576)) MiB" : "\(count >> 10) KiB"
  }

  private static func number(_ x: Double) -> String {
    String(format: x >= 1000 ? "%.0f" : x >= 100 ? "%.1f" : x >= 10 ? "%.2f" : "%.3f", x)
  }
}
