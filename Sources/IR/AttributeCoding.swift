internal import GnomonTensors

// The attributes of an op are its stored properties, written and read through `Codable`:
//
//     {axes = [0, 1], shape = [batch, 784], spec = "mk,kn->mn", value = 1.5:f32}
//
// Sizes, scalars and dtypes print as the IR spells them, without quotes.

/// An attribute as text with structure: what the encoder makes and the decoder reads.
package indirect enum AttributeValue: Sendable {
  /// A number, a word, a size or a quoted string, as it is spelled.
  case atom(String, at: Int)
  case array([AttributeValue], at: Int)
  case record([(key: String, value: AttributeValue)], at: Int)

  /// The offset in the text it was read from.
  package var offset: Int {
    switch self {
    case .atom(_, let at), .array(_, let at), .record(_, let at): at
    }
  }

  /// The form that the parser reads back. Strings longer than `limit` are cut, which it does not.
  package func append(to text: inout String, limit: Int? = nil) {
    switch self {
    case .atom(let spelling, _):
      if let limit, spelling.utf8.count > limit, spelling.hasPrefix("\"") {
        text += spelling.prefix(limit)
        text += "…\""
      } else {
        text += spelling
      }
    case .array(let elements, _):
      text += "["
      for (i, element) in elements.enumerated() {
        if i > 0 { text += ", " }
        element.append(to: &text, limit: limit)
      }
      text += "]"
    case .record(let entries, _):
      text += "{"
      for (i, entry) in entries.enumerated() {
        if i > 0 { text += ", " }
        text += Dim.wordOrQuoted(entry.key)
        text += " = "
        entry.value.append(to: &text, limit: limit)
      }
      text += "}"
    }
  }
}

/// An attribute that cannot be read, and where in the text.
package struct AttributeError: Error, Sendable, Equatable {
  package var message: String
  package var offset: Int
}

/// The attribute key of a stored property or the index of an element.
struct AttributeKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { stringValue = "\(intValue)" }
}
