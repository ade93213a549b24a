// The text form of sizes in the IR: `2*batch*n + 1`, `floor(h + 1, 2) - 1`, names that are not plain
// words in quotes. `Dim(text:)` and `irText` are inverses.

extension Dim {
  /// The form that `Dim(text:)` reads back.
  public var irText: String { rendered(Dim.quotedIfNeeded) }

  /// A name as sizes spell it: plain words as they are, except the functions', others in quotes.
  package static func quotedIfNeeded(_ name: String) -> String {
    ["floor", "min", "max"].contains(name) ? quoted(name) : wordOrQuoted(name)
  }

  /// A name as the rest of the IR spells it: plain words as they are, others in quotes.
  package static func wordOrQuoted(_ name: String) -> String {
    var rest = name.utf8[...]
    guard let first = rest.popFirst(), isLetter(first),
      rest.allSatisfy({ isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) })
    else { return quoted(name) }
    return name
  }

  private static func isLetter(_ c: UInt8) -> Bool {
    c == 0x5F || (c >= 0x61 && c <= 0x7A) || (c >= 0x41 && c <= 0x5A)
  }

  /// A string literal of the IR: quotes, backslashes and everything outside printable ASCII escaped.
  package static func quoted(_ text: String) -> String {
    var out = "\""
    for c in text.unicodeScalars {
      switch c {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      default:
        if c.value >= 32 && c.value < 127 {
          out.unicodeScalars.append(c)
        } else {
          out += "\\u{\(String(c.value, radix: 16))}"
        }
      }
    }
    return out + "\""
  }

  /// The string that a literal of the IR stands for; nil if it is malformed.
  package static func unquoted(_ literal: String) -> String? {
    var parser = DimParser(Array(literal.unicodeScalars))
    guard parser.text.first == "\"", let text = parser.quotedName(), parser.at == parser.text.count
    else { return nil }
    return text
  }

  /// Reads the string literal that starts at `start`, which is moved behind it.
  package static func scanString(_ text: [Unicode.Scalar], from start: inout Int) -> String? {
    guard start < text.count, text[start] == "\"" else { return nil }
    var parser = DimParser(text, at: start)
    let string = parser.quotedName()
    if string != nil { start = parser.at }
    return string
  }

  /// Reads the longest size that starts at `start`, which is moved behind it; nil if there is none.
  package static func scan(_ text: [Unicode.Scalar], from start: inout Int) -> Dim? {
    var parser = DimParser(text, at: start)
    let size = parser.sum()
    if size != nil { start = parser.at }
    return size
  }

  /// Reads the text form; nil if it is malformed.
  public init?(text: String) {
    var parser = DimParser(Array(text.unicodeScalars))
    guard let d = parser.sum(), parser.atEnd else { return nil }
    self = d
  }
}

extension Dim: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let d = Dim(text: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not a size: \(text)")
    }
    self = d
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(irText)
  }
}

private struct DimParser {
  let text: [Unicode.Scalar]
  var at = 0
  var depth = 0

  init(_ text: [Unicode.Scalar], at start: Int = 0) {
    self.text = text
    at = start
  }

  mutating func skipSpace() { while at < text.count, text[at] == " " { at += 1 } }

  var atEnd: Bool {
    mutating get {
      skipSpace()
      return at == text.count
    }
  }

  mutating func take(_ c: Unicode.Scalar) -> Bool {
    skipSpace()
    guard at < text.count, text[at] == c else { return false }
    at += 1
    return true
  }

  mutating func sum() -> Dim? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { return nil }
    var total: Dim
    if take("-") {
      guard let t = term() else { return nil }
      total = -t
    } else {
      guard let t = term() else { return nil }
      total = t
    }
    while true {
      if take("+") {
        guard let t = term() else { return nil }
        total = total + t
        guard isModest(total) else { return nil }
      } else if take("-") {
        guard let t = term() else { return nil }
        total = total - t
        guard isModest(total) else { return nil }
      } else {
        return total
      }
    }
  }

  mutating func term() -> Dim? {
    guard var product = factor() else { return nil }
    while take("*") {
      guard let f = factor() else { return nil }
      // Products of sums grow exponentially; no real size comes near this.
      guard (product.terms.count + 1) * (f.terms.count + 1) <= 1024 else { return nil }
      product = product * f
      guard isModest(product) else { return nil }
    }
    return product
  }

  /// Whether all coefficients are far from where arithmetic saturates.
  func isModest(_ d: Dim) -> Bool {
    d.constantPart.magnitude < 1 << 62 && d.terms.allSatisfy { $0.coefficient.magnitude < 1 << 62 }
  }

  mutating func integer() -> Int? {
    skipSpace()
    let start = at
    while at < text.count, ("0"..."9").contains(text[at]) { at += 1 }
    guard at > start else { return nil }
    var digits = String.UnicodeScalarView()
    digits.append(contentsOf: text[start..<at])
    return Int(String(digits)).flatMap { $0 < 1 << 62 ? $0 : nil }
  }

  mutating func factor() -> Dim? {
    skipSpace()
    guard at < text.count else { return nil }
    let c = text[at]
    if ("0"..."9").contains(c) { return integer().map { Dim($0) } }
    if take("(") {
      guard let d = sum(), take(")") else { return nil }
      return d
    }
    if take("#") { return integer().map { Dim(.axis($0)) } }
    if take("@") { return integer().map { Dim(.loaded($0)) } }
    if c == "\"" { return quotedName().map { Dim(named: $0) } }
    var word = String.UnicodeScalarView()
    while at < text.count {
      let c = text[at]
      guard
        c == "_" || ("a"..."z").contains(c) || ("A"..."Z").contains(c) || ("0"..."9").contains(c)
      else { break }
      word.append(c)
      at += 1
    }
    let name = String(word)
    guard !name.isEmpty else { return nil }
    guard ["floor", "min", "max"].contains(name), take("(") else { return Dim(named: name) }
    guard let a = sum(), take(","), let b = sum(), take(")") else { return nil }
    return switch name {
    case "floor": a.quotient(dividingBy: b)
    case "min": Dim.minimum(a, b)
    default: Dim.maximum(a, b)
    }
  }

  mutating func quotedName() -> String? {
    at += 1
    var out = String.UnicodeScalarView()
    while at < text.count {
      let c = text[at]
      at += 1
      if c == "\"" { return String(out) }
      guard c == "\\" else {
        out.append(c)
        continue
      }
      guard at < text.count else { return nil }
      let escape = text[at]
      at += 1
      switch escape {
      case "n": out.append("\n")
      case "t": out.append("\t")
      case "u":
        guard at < text.count, text[at] == "{" else { return nil }
        at += 1
        var value: UInt32 = 0
        var digits = 0
        while at < text.count, text[at] != "}" {
          guard
            let d = text[at].properties.numericType == nil || text[at].value < 128
              ? Character(text[at]).hexDigitValue : nil, digits < 6
          else { return nil }
          value = value * 16 + UInt32(d)
          digits += 1
          at += 1
        }
        guard at < text.count, digits > 0, let scalar = Unicode.Scalar(value) else { return nil }
        at += 1
        out.append(scalar)
      default: out.append(escape)
      }
    }
    return nil
  }
}
