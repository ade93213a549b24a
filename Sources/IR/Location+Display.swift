internal import Foundation

extension Location.Position {
  /// The file as a message shows it: relative to the current directory when it lies below it.
  package var shownFile: String {
    let current = FileManager.default.currentDirectoryPath
    let folder = current.hasSuffix("/") ? current : current + "/"
    return (file.hasPrefix(folder) ? String(file.dropFirst(folder.count)) : file).onOneLine
  }

  /// The last component of the file's path.
  package var fileName: String {
    (file.split(separator: "/").last.map(String.init) ?? file).onOneLine
  }

  /// This position with its file as a message shows it.
  package var shown: Location.Position {
    Location.Position(file: shownFile, line: line, column: column)
  }
}

extension String {
  /// The text with everything that would leave the line, or reverse it, written as an escape.
  package var onOneLine: String {
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      default:
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator:
          result.append(contentsOf: escape(scalar))
        case .format where scalar != "\u{200D}":  // a joiner holds emoji together
          result.append(contentsOf: escape(scalar))
        default: result.append(scalar)
        }
      }
    }
    return String(result)
  }

  /// The columns the text takes in a terminal: none for marks that combine, two for East Asian wide
  /// characters and emoji.
  package var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }
}

private func escape(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
  "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars
}

extension Character {
  fileprivate var displayWidth: Int {
    guard let first = unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    if first.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}") { return 2 }
    // The wide blocks of Unicode's EastAsianWidth.txt, in coarse ranges.
    switch first.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
