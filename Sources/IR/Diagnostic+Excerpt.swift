internal import Foundation

/// The line of source that a position points at, made fit for a terminal.
package struct SourceExcerpt {
  /// The line with tabs as four spaces, shortened around the position when it is long.
  package let text: String
  /// How many columns stand before the position.
  package let indent: Int

  private static let longest = 100
  private static let leading = 40

  /// Nil when the file is not there, or is no longer the one that was compiled: it has no such line,
  /// or nothing is written at that column.
  package init?(_ position: Location.Position) {
    guard position.line > 0, position.column > 0,
      let data = FileManager.default.contents(atPath: position.file), data.count < 1 << 24
    else { return nil }
    let lines = data.split(
      separator: UInt8(ascii: "\n"), maxSplits: position.line, omittingEmptySubsequences: false)
    guard lines.count >= position.line else { return nil }
    self.init(line: Array(lines[position.line - 1]), column: position.column)
  }

  /// The excerpt of a line in UTF-8; columns count bytes from 1, as debug information does.
  package init?(line: [UInt8], column: Int) {
    guard column >= 1, column <= line.count, line[column - 1] > UInt8(ascii: " ") else {
      return nil
    }
    func shown(_ bytes: ArraySlice<UInt8>) -> [Character] {
      String(decoding: bytes, as: UTF8.self).flatMap { c -> [Character] in
        c == "\t" ? Array("    ") : Array(String(c).onOneLine)
      }
    }
    var before = shown(line[..<(column - 1)])
    var after = shown(line[(column - 1)...])
    while after.last == " " || after.last == "\r" { after.removeLast() }
    if after.suffix(2) == ["\\", "r"] { after.removeLast(2) }
    if String(before + after).displayWidth > Self.longest {
      let room = Self.longest - after.count
      let kept = max(Self.leading, room)
      if before.count > kept { before = ["…"] + before.suffix(kept - 1) }
      let rest = Self.longest - before.count
      if after.count > rest { after = after.prefix(rest - 1) + ["…"] }
    }
    text = String(before + after)
    indent = String(before).displayWidth
  }
}
