internal import GnomonTensors

extension Op {
  /// Reads an op from its attributes; unknown, missing and malformed ones are errors with a place.
  package init(attributes: [(key: String, value: AttributeValue)], at offset: Int) throws {
    let source = AttributeDecoder.Source(.record(attributes, at: offset))
    try self.init(from: AttributeDecoder(source))
    try source.checkAllRead()
  }
}

/// Decodes anything `Decodable` from an `AttributeValue`.
struct AttributeDecoder: Decoder {
  /// A value and which of its entries were asked for, so that the others can be refused.
  final class Source {
    enum Content {
      case atom(String)
      case array([Source])
      case record([(key: String, value: Source)])
    }
    let content: Content
    let offset: Int
    private var read: Set<String> = []

    init(_ value: AttributeValue) {
      offset = value.offset
      switch value {
      case .atom(let text, _): content = .atom(text)
      case .array(let elements, _): content = .array(elements.map { Source($0) })
      case .record(let entries, _):
        content = .record(entries.map { ($0.key, Source($0.value)) })
      }
    }

    func entry(_ key: String) -> Source? {
      guard case .record(let entries) = content else { return nil }
      read.insert(key)
      return entries.first { $0.key == key }?.value
    }

    func checkAllRead() throws {
      switch content {
      case .atom: break
      case .array(let elements): for element in elements { try element.checkAllRead() }
      case .record(let entries):
        for (key, value) in entries {
          guard read.contains(key) else {
            throw AttributeError(
              message: "there is no attribute `\(key)` here"
                + (read.isEmpty ? "" : "; there are \(read.sorted().joined(separator: ", "))"),
              offset: value.offset)
          }
          try value.checkAllRead()
        }
      }
    }

    func error(_ message: String) -> AttributeError {
      AttributeError(message: message, offset: offset)
    }

    /// The spelling of an atom.
    func atom(_ wanted: String) throws -> String {
      guard case .atom(let text) = content else { throw error("expected \(wanted)") }
      return text
    }

    var isNil: Bool {
      if case .atom("nil") = content { return true }
      return false
    }
  }

  let source: Source
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(_ source: Source) { self.source = source }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .record = source.content else { throw source.error("expected { key = value }") }
    return KeyedDecodingContainer(Keyed(source: source))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = source.content else {
      throw source.error("expected a list in brackets")
    }
    return Unkeyed(source: source, elements: elements)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(source: source) }

  static func decode<T: Decodable>(_ type: T.Type, from source: Source) throws -> T {
    func read<V>(_ wanted: String, _ parse: (String) -> V?) throws -> T {
      let text = try source.atom(wanted)
      guard let value = parse(text), let typed = value as? T else {
        throw source.error("expected \(wanted), not \(text)")
      }
      return typed
    }
    switch type {
    case is Dim.Type: return try read("a size") { Dim(text: $0) }
    case is ScalarValue.Type:
      return try read("a scalar such as 1.5:f32") { ScalarValue(text: $0) }
    case is DType.Type: return try read("a dtype such as f32") { DType(irName: $0) }
    case is String.Type: return try read("a string in quotes") { Dim.unquoted($0) }
    case is Bool.Type: return try read("true or false") { Bool($0) }
    case is Double.Type: return try read("a number") { finite(Double($0), $0) }
    case is Float.Type: return try read("a number") { finite(Float($0), $0) }
    // Type rules negate steps; the one integer that has no negative is refused.
    case is Int.Type:
      return try read("an integer of 64 bits") { Int($0).flatMap { $0 == .min ? nil : $0 } }
    case let integer as any FixedWidthInteger.Type:
      return try read("an integer of \(integer.bitWidth) bits") { makeInteger(integer, $0) }
    default: break
    }
    do { return try T(from: AttributeDecoder(source)) } catch let error as DecodingError {
      throw source.error(error.reason)
    }
  }

  private static func makeInteger<I: FixedWidthInteger>(_: I.Type, _ text: String) -> Any? {
    I(text)
  }

  /// A literal that overflows to infinity is not the number that was written.
  private static func finite<F: BinaryFloatingPoint>(_ value: F?, _ text: String) -> F? {
    guard let value, value.isInfinite else { return value }
    return text.hasSuffix("inf") ? value : nil
  }

  private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let source: Source
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] {
      guard case .record(let entries) = source.content else { return [] }
      return entries.compactMap { Key(stringValue: $0.key) }
    }

    func contains(_ key: Key) -> Bool { source.entry(key.stringValue) != nil }

    private func child(_ key: Key) throws -> Source {
      guard let entry = source.entry(key.stringValue) else {
        throw source.error("the attribute `\(key.stringValue)` is missing")
      }
      return entry
    }

    func decodeNil(forKey key: Key) throws -> Bool { try child(key).isNil }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
      try AttributeDecoder.decode(type, from: child(key))
    }
    func nestedContainer<N: CodingKey>(
      keyedBy type: N.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<N> {
      try AttributeDecoder(child(key)).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try AttributeDecoder(child(key)).unkeyedContainer()
    }
    func superDecoder() -> any Decoder { AttributeDecoder(source) }
    func superDecoder(forKey key: Key) throws -> any Decoder { AttributeDecoder(try child(key)) }
  }

  private struct Unkeyed: UnkeyedDecodingContainer {
    let source: Source
    let elements: [Source]
    var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    private mutating func next() throws -> Source {
      guard currentIndex < elements.count else { throw source.error("the list is too short") }
      currentIndex += 1
      return elements[currentIndex - 1]
    }

    mutating func decodeNil() throws -> Bool {
      guard currentIndex < elements.count, elements[currentIndex].isNil else { return false }
      currentIndex += 1
      return true
    }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
      try AttributeDecoder.decode(type, from: next())
    }
    mutating func nestedContainer<N: CodingKey>(
      keyedBy type: N.Type
    ) throws -> KeyedDecodingContainer<N> {
      try AttributeDecoder(next()).container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
      try AttributeDecoder(next()).unkeyedContainer()
    }
    mutating func superDecoder() throws -> any Decoder { AttributeDecoder(try next()) }
  }

  private struct Single: SingleValueDecodingContainer {
    let source: Source
    var codingPath: [any CodingKey] { [] }
    func decodeNil() -> Bool { source.isNil }
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
      try AttributeDecoder.decode(type, from: source)
    }
  }
}

extension DecodingError {
  /// What went wrong, in one phrase.
  fileprivate var reason: String {
    switch self {
    case .typeMismatch(_, let c), .valueNotFound(_, let c), .keyNotFound(_, let c),
      .dataCorrupted(let c):
      c.debugDescription
    @unknown default: "the attribute cannot be read"
    }
  }
}
