internal import Gnomon
internal import GnomonIR

/// What a layer was made with, as text: its own `configuration`, or the `config` of Keras.
///
/// Both say the same under names that differ in their spelling, `useBias` and `use_bias`, and a few in more.
struct LayerSettings {
  /// The class.
  let type: String
  /// What the settings were read from.
  let whole: Configuration
  private let values: [String: Configuration]

  /// - Throws: `GnomonError` if the value describes no layer.
  init(_ value: Configuration) throws {
    guard case .map(let outer) = value else { throw LayerSettings.malformed("\(value)") }
    guard case .text(let type)? = outer["class_name"] ?? outer["type"] else {
      throw LayerSettings.malformed("a value without a class")
    }
    self.type = type
    whole = value
    var inner = outer
    if case .map(let config)? = outer["config"] { inner = config }
    values = Dictionary(
      inner.map { (LayerNames.snakeCase($0.key), $0.value) }, uniquingKeysWith: { a, _ in a })
  }

  private static func malformed(_ what: String) -> GnomonError {
    GnomonError([
      Diagnostic(.unknownName, "a layer's configuration is malformed: \(what)", at: .unknown)
    ])
  }

  func missing(_ name: String) -> GnomonError {
    LayerSettings.malformed("\(type) without `\(name)`")
  }

  /// The value under one of some names; nil where it is not there, or is null.
  subscript(_ names: String...) -> Configuration? {
    names.lazy.compactMap { values[$0] }.first { $0 != .none }
  }

  var name: String? { text("name") }
  /// The share that attention drops.
  var dropout: Double { double("dropout", double("dropout_rate", 0)) }

  func text(_ name: String) -> String? {
    if case .text(let text)? = values[name] { text } else { nil }
  }

  func bool(_ name: String, _ otherwise: Bool) -> Bool {
    if case .bool(let value)? = values[name] { value } else { otherwise }
  }

  func double(_ name: String, _ otherwise: Double) -> Double { values[name]?.number ?? otherwise }

  func int(_ name: String, _ otherwise: Int) -> Int {
    values[name]?.number.flatMap { Int(exactly: $0) } ?? otherwise
  }

  func int(_ names: String...) throws -> Int {
    for name in names {
      if let value = values[name]?.number.flatMap({ Int(exactly: $0) }) { return value }
    }
    throw missing(names[0])
  }

  func double(required name: String) throws -> Double {
    guard let value = values[name]?.number else { throw missing(name) }
    return value
  }

  /// Integers, in a list or alone.
  func ints(_ names: String...) -> [Int]? {
    names.lazy.compactMap { values[$0]?.integers }.first
  }

  func perAxis(_ names: String...) -> PerAxis? {
    names.lazy.compactMap { values[$0]?.integers }.first.map { PerAxis($0) }
  }

  /// Pairs of integers, one for each axis; a list of two numbers is the pair of one axis.
  func pairs(_ name: String) throws -> [(Int, Int)] {
    guard case .list(let list)? = values[name] else {
      let n = int(name, 1)
      return [(n, n)]
    }
    let rows = list.allSatisfy { $0.number != nil } ? [list] : list.map { $0.list ?? [] }
    return try rows.map { row in
      let ends = row.compactMap { $0.number.map { Int($0) } }
      guard ends.count == 2 else { throw missing(name) }
      return (ends[0], ends[1])
    }
  }

  var padding: Padding {
    switch values["padding"] {
    case .text("same"): .same
    case .text("causal"): .causal
    case .text("full"): .full
    case .map(let ends):
      .explicit(
        low: PerAxis(ends["low"]?.integers ?? [0]), high: PerAxis(ends["high"]?.integers ?? [0]))
    default: .valid
    }
  }

  /// An activation by its name; Keras writes functions of its library as such, and others as objects.
  func activation(_ name: String) -> ActivationFunction? {
    switch values[name] {
    case .text(let text): return text == "linear" ? nil : ActivationFunction(name: text)
    case .map(let object):
      guard case .text(let text)? = object["config"] ?? object["class_name"] else { return nil }
      return ActivationFunction(name: text)
    default: return nil
    }
  }

  func layer(_ name: String) throws -> Layer {
    guard let value = self[name] else { throw missing(name) }
    return try Layer.make(from: value)
  }

  func layers(_ name: String) throws -> [Layer] {
    guard let list = self[name]?.list else { throw missing(name) }
    return try list.map { try Layer.make(from: $0) }
  }

  /// A cell of a recurrent layer.
  func cell(_ value: Configuration?) throws -> RNNCell {
    if let list = value?.list {
      return StackedRNNCells(try list.map { try cell($0) })
    }
    guard let value, let cell = try Layer.make(from: value) as? RNNCell else {
      throw missing("cell")
    }
    return cell
  }
}

extension Configuration {
  var number: Double? {
    switch self {
    case .int(let n): Double(n)
    case .double(let x): x
    default: nil
    }
  }

  var list: [Configuration]? { if case .list(let list) = self { list } else { nil } }

  /// The integers of a list, or the one integer.
  var integers: [Int]? {
    if let list {
      let all = list.compactMap { $0.number.flatMap { Int(exactly: $0) } }
      return all.count == list.count ? all : nil
    }
    return number.flatMap { Int(exactly: $0) }.map { [$0] }
  }
}
