internal import GnomonTensors

extension Parser {
  func failure(_ message: String, at offset: Int? = nil) -> Failure {
    Failure(message: message, offset: offset ?? at)
  }

  /// Skips white space and comments.
  mutating func skipSpace() {
    while at < text.count {
      switch text[at] {
      case " ", "\n", "\t", "\r": at += 1
      case "/" where at + 1 < text.count && text[at + 1] == "/":
        while at < text.count, text[at] != "\n" { at += 1 }
      default: return
      }
    }
  }

  func peek(_ c: Unicode.Scalar) -> Bool { at < text.count && text[at] == c }

  mutating func take(_ symbol: String) -> Bool {
    skipSpace()
    var end = at
    for c in symbol.unicodeScalars {
      guard end < text.count, text[end] == c else { return false }
      end += 1
    }
    at = end
    return true
  }

  mutating func expect(_ symbol: String) throws(Failure) {
    guard take(symbol) else {
      throw failure("expected \(symbol), found \(found)")
    }
  }

  /// What stands at the current position, for messages.
  private var found: String {
    guard at < text.count else { return "the end of the text" }
    var view = String.UnicodeScalarView()
    for c in text[at..<min(at + 20, text.count)] {
      guard c.value > 32, c.value < 127 else { break }
      view.append(c)
    }
    return view.isEmpty ? "U+\(String(text[at].value, radix: 16))" : String(view)
  }

  private static func isLetter(_ c: Unicode.Scalar) -> Bool {
    switch c {
    case "a"..."z", "A"..."Z", "_": true
    default: false
    }
  }

  private static func isDigit(_ c: Unicode.Scalar) -> Bool { c >= "0" && c <= "9" }

  /// The next word, if there is one.
  mutating func word() -> String? {
    skipSpace()
    let start = at
    var end = at
    while end < text.count, Parser.isLetter(text[end]) || (end > start && Parser.isDigit(text[end]))
    {
      end += 1
    }
    guard end > start else { return nil }
    at = end
    return string(start..<end)
  }

  func string(_ range: Range<Int>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: text[range])
    return String(view)
  }

  mutating func takeWord(_ wanted: String) -> Bool {
    let start = at
    if word() == wanted { return true }
    at = start
    return false
  }

  mutating func expectWord(_ wanted: String) throws(Failure) {
    skipSpace()
    guard takeWord(wanted) else { throw failure("expected \(wanted), found \(found)") }
  }

  /// A word or a string.
  mutating func name(_ what: String) throws(Failure) -> String {
    if peek("\"") { return try quoted() }
    guard at < text.count, Parser.isLetter(text[at]), let word = word() else {
      throw failure("expected \(what)")
    }
    return word
  }

  mutating func quoted() throws(Failure) -> String {
    guard let s = Dim.scanString(text, from: &at) else {
      throw failure("the string is malformed or has no end")
    }
    return s
  }

  /// `%name`, `%"any text"` or `%12`.
  mutating func valueName() throws(Failure) -> Key {
    try expect("%")
    if at < text.count, Parser.isDigit(text[at]) {
      let start = at
      while at < text.count, Parser.isDigit(text[at]) { at += 1 }
      guard at - start <= 9 else { throw failure("the number is too large", at: start) }
      return Key(name: string(start..<at), isNumber: true)
    }
    return Key(name: try name("the name of a value"), isNumber: false)
  }

  mutating func integer(_ what: String) throws(Failure) -> Int {
    skipSpace()
    let start = at
    while at < text.count, Parser.isDigit(text[at]) { at += 1 }
    guard at - start <= 9, let n = Int(string(start..<at)) else {
      throw failure("expected \(what)", at: start)
    }
    return n
  }

  // MARK: - Types

  mutating func size() throws(Failure) -> Dim {
    skipSpace()
    guard let d = Dim.scan(text, from: &at) else { throw failure("expected a size") }
    return d
  }

  /// `f32[batch, 784]`
  mutating func type() throws(Failure) -> TensorType {
    skipSpace()
    let start = at
    guard let word = word(), let dtype = DType(irName: word) else {
      throw failure("expected a type such as f32[n]", at: start)
    }
    try expect("[")
    var shape: [Dim] = []
    if !take("]") {
      repeat { shape.append(try size()) } while take(",")
      try expect("]")
    }
    return TensorType(dtype, shape)
  }

  /// A list of types; `()` is the empty one.
  mutating func types() throws(Failure) -> [TensorType] {
    if take("(") {
      try expect(")")
      return []
    }
    var types: [TensorType] = []
    repeat { types.append(try type()) } while take(",")
    return types
  }

  // MARK: - Attributes

  /// A list, a record or an atom; what an atom means is for its op to say.
  mutating func attributeValue(depth: Int) throws(Failure) -> AttributeValue {
    skipSpace()
    let start = at
    guard depth < 32 else { throw failure("the attribute is nested too deep") }
    if take("[") {
      var elements: [AttributeValue] = []
      if take("]") { return .array([], at: start) }
      repeat { elements.append(try attributeValue(depth: depth + 1)) } while take(",")
      try expect("]")
      return .array(elements, at: start)
    }
    if take("{") {
      var entries: [(key: String, value: AttributeValue)] = []
      if take("}") { return .record([], at: start) }
      var keys: Set<String> = []
      repeat {
        skipSpace()
        let keyStart = at
        let key = try name("the name of an attribute")
        guard keys.insert(key).inserted else {
          throw failure("the attribute `\(key)` is given twice", at: keyStart)
        }
        try expect("=")
        entries.append((key, try attributeValue(depth: depth + 1)))
      } while take(",")
      try expect("}")
      return .record(entries, at: start)
    }
    return try atom(from: start)
  }

  /// Everything up to the comma or bracket that ends it; commas in parentheses and strings do not.
  private mutating func atom(from start: Int) throws(Failure) -> AttributeValue {
    var parentheses = 0
    scan: while at < text.count {
      switch text[at] {
      case "\"":
        _ = try quoted()
        continue
      case "(": parentheses += 1
      case ")": parentheses -= 1
      case "," where parentheses <= 0: break scan
      case "]", "}", "[", "{", "\n", "\r": break scan
      case "/" where at + 1 < text.count && text[at + 1] == "/": break scan
      default: break
      }
      at += 1
    }
    var end = at
    while end > start, text[end - 1] == " " || text[end - 1] == "\t" { end -= 1 }
    guard end > start else { throw failure("expected a value") }
    return .atom(string(start..<end), at: start)
  }

  // MARK: - Locations

  /// `loc("file":21:14 in "outer"/"inner")`, or nil if there is none.
  mutating func location(_ start: Int) throws(Failure) -> Location? {
    guard takeWord("loc") else { return nil }
    try expect("(")
    var location = Location()
    skipSpace()
    if !take("?") {
      let file = try quoted()
      try expect(":")
      let line = try integer("a line")
      try expect(":")
      location.position = Location.Position(
        file: file, line: line, column: try integer("a column"))
    }
    if takeWord("in") {
      var depth = 0
      repeat {
        skipSpace()
        guard depth < 64 else { throw failure("more than 64 scopes") }
        depth += 1
        location = location.inScope(try quoted())
      } while take("/")
    }
    try expect(")")
    return location
  }
}
