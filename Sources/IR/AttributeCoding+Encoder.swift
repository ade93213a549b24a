package import GnomonTensors

extension Op {
  /// The attributes in the order of the stored properties; empty for an op that has none.
  package func attributes() throws -> [(key: String, value: AttributeValue)] {
    if MemoryLayout<Self>.size == 0 { return [] }
    let encoder = AttributeEncoder()
    try encode(to: encoder)
    guard case .record(let entries, _) = encoder.value else {
      throw InternalError("\(mnemonic) does not encode its attributes by name")
    }
    return entries
  }

  /// The sizes among the attributes.
  package func attributeSizes() throws -> [Dim] {
    if MemoryLayout<Self>.size == 0 { return [] }
    let encoder = AttributeEncoder()
    try encode(to: encoder)
    var sizes: [Dim] = []
    encoder.box.collectSizes(into: &sizes)
    return sizes
  }
}

/// Builds the `AttributeValue` of anything `Encodable`.
struct AttributeEncoder: Encoder {
  /// A value under construction; containers share it with their encoder.
  final class Box {
    enum Content {
      case empty
      case atom(String)
      case size(Dim)
      case array([Box])
      case record([(key: String, value: Box)])
    }
    var content: Content = .empty

    func appendElement(_ box: Box) {
      guard case .array(var elements) = content else {
        content = .array([box])
        return
      }
      content = .empty
      elements.append(box)
      content = .array(elements)
    }

    func appendEntry(_ key: String, _ box: Box) {
      guard case .record(var entries) = content else {
        content = .record([(key, box)])
        return
      }
      content = .empty
      entries.append((key, box))
      content = .record(entries)
    }

    func collectSizes(into sizes: inout [Dim]) {
      switch content {
      case .size(let d): sizes.append(d)
      case .array(let elements): for e in elements { e.collectSizes(into: &sizes) }
      case .record(let entries): for (_, e) in entries { e.collectSizes(into: &sizes) }
      case .empty, .atom: break
      }
    }

    var value: AttributeValue {
      switch content {
      case .empty: .record([], at: 0)
      case .atom(let text): .atom(text, at: 0)
      // The word is taken by absent elements; a size of that name is quoted.
      case .size(let d): .atom(d.name == "nil" ? Dim.quoted("nil") : d.irText, at: 0)
      case .array(let elements): .array(elements.map(\.value), at: 0)
      case .record(let entries): .record(entries.map { ($0.key, $0.value.value) }, at: 0)
      }
    }
  }

  let box: Box
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(_ box: Box = Box()) { self.box = box }

  var value: AttributeValue { box.value }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .empty = box.content { box.content = .record([]) }
    return KeyedEncodingContainer(Keyed(box: box))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .empty = box.content { box.content = .array([]) }
    return Unkeyed(box: box)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(box: box) }

  /// The spelling of the types the IR has words for; everything else encodes itself.
  static func encode<T: Encodable>(_ value: T, into box: Box) throws {
    switch value {
    case let d as Dim: box.content = .size(d)
    case let s as ScalarValue: box.content = .atom(s.text)
    case let t as DType: box.content = .atom(t.irName)
    case let s as String: box.content = .atom(Dim.quoted(s))
    case let b as Bool: box.content = .atom("\(b)")
    case let i as any BinaryInteger: box.content = .atom("\(i)")
    case let d as Double: box.content = .atom("\(d)")
    case let f as Float: box.content = .atom("\(f)")
    default: try value.encode(to: AttributeEncoder(box))
    }
  }

  private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let box: Box
    var codingPath: [any CodingKey] { [] }

    private func child(_ key: Key) -> Box {
      let child = Box()
      box.appendEntry(key.stringValue, child)
      return child
    }

    mutating func encodeNil(forKey key: Key) { child(key).content = .atom("nil") }
    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
      try AttributeEncoder.encode(value, into: child(key))
    }
    mutating func nestedContainer<N: CodingKey>(
      keyedBy keyType: N.Type, forKey key: Key
    ) -> KeyedEncodingContainer<N> {
      AttributeEncoder(child(key)).container(keyedBy: N.self)
    }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      AttributeEncoder(child(key)).unkeyedContainer()
    }
    mutating func superEncoder() -> any Encoder { AttributeEncoder(box) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { AttributeEncoder(child(key)) }
  }

  private struct Unkeyed: UnkeyedEncodingContainer {
    let box: Box
    var codingPath: [any CodingKey] { [] }
    var count: Int {
      if case .array(let elements) = box.content { return elements.count }
      return 0
    }

    private func child() -> Box {
      let child = Box()
      box.appendElement(child)
      return child
    }

    mutating func encodeNil() { child().content = .atom("nil") }
    mutating func encode<T: Encodable>(_ value: T) throws {
      try AttributeEncoder.encode(value, into: child())
    }
    mutating func nestedContainer<N: CodingKey>(
      keyedBy keyType: N.Type
    ) -> KeyedEncodingContainer<N> {
      AttributeEncoder(child()).container(keyedBy: N.self)
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      AttributeEncoder(child()).unkeyedContainer()
    }
    mutating func superEncoder() -> any Encoder { AttributeEncoder(child()) }
  }

  private struct Single: SingleValueEncodingContainer {
    let box: Box
    var codingPath: [any CodingKey] { [] }
    mutating func encodeNil() { box.content = .atom("nil") }
    mutating func encode<T: Encodable>(_ value: T) throws {
      try AttributeEncoder.encode(value, into: box)
    }
  }
}
