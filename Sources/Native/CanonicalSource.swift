/// The part of a C source that the compiler's result depends on.
///
/// Comments become a space, runs of blanks become one, and blank lines and the blanks at both ends
/// of a line go; string and character literals stay as they are. Two sources with the same
/// canonical form compile to the same code, so moving or renaming something that only a comment
/// mentions does not compile again.
package enum CanonicalSource {
  package static func bytes(of source: String) -> [UInt8] {
    var source = source
    return source.withUTF8 { scan($0) }
  }

  private static func scan(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    let newline = UInt8(ascii: "\n")
    let slash = UInt8(ascii: "/")
    let star = UInt8(ascii: "*")
    let backslash = UInt8(ascii: "\\")
    let space = UInt8(ascii: " ")
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var blankPending = false
    var i = 0

    func peek(_ index: Int) -> UInt8 { index < text.count ? text[index] : 0 }
    func emit(_ byte: UInt8) {
      if blankPending, let last = result.last, last != newline { result.append(space) }
      blankPending = false
      result.append(byte)
    }

    while i < text.count {
      let byte = text[i]
      switch byte {
      case slash where peek(i + 1) == slash:
        // To the end of the line, which a backslash continues.
        while i < text.count && text[i] != newline {
          i += text[i] == backslash && peek(i + 1) == newline ? 2 : 1
        }
        blankPending = true
      case slash where peek(i + 1) == star:
        i += 2
        while i < text.count && !(text[i] == star && peek(i + 1) == slash) { i += 1 }
        i += 2
        blankPending = true
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        emit(byte)
        i += 1
        // A newline ends a literal that lacks its closing quote.
        while i < text.count && text[i] != newline {
          let inside = text[i]
          result.append(inside)
          i += 1
          if inside == backslash && i < text.count {
            result.append(text[i])
            i += 1
          } else if inside == byte {
            break
          }
        }
      case space, UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        blankPending = true
        i += 1
      case newline:
        blankPending = false
        if let last = result.last, last != newline { result.append(newline) }
        i += 1
      default:
        emit(byte)
        i += 1
      }
    }
    return result
  }
}
