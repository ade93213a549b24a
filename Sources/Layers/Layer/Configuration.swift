internal import Foundation
internal import Gnomon

/// What a layer was made with, as a value that can be stored and compared.
public indirect enum Configuration: Hashable, Sendable, Codable, CustomStringConvertible {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case text(String)
  case list([Configuration])
  case map([String: Configuration])

  /// The value's JSON, with keys in order.
  public var description: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
  }

  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .none
    } else if let b = try? value.decode(Bool.self) {
      self = .bool(b)
    } else if let n = try? value.decode(Int.self) {
      self = .int(n)
    } else if let x = try? value.decode(Double.self) {
      self = .double(x)
    } else if let s = try? value.decode(String.self) {
      self = .text(s)
    } else if let l = try? value.decode([Configuration].self) {
      self = .list(l)
    } else {
      self = .map(try value.decode([String: Configuration].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .none: try value.encodeNil()
    case .bool(let b): try value.encode(b)
    case .int(let n): try value.encode(n)
    case .double(let x): try value.encode(x)
    case .text(let s): try value.encode(s)
    case .list(let l): try value.encode(l)
    case .map(let m): try value.encode(m)
    }
  }

  /// The weights that a property says how to make, by the beginning of their settings' names: `kernel` of
  /// `kernelOptions`.
  fileprivate static func weightOptions(_ value: Any, _ label: String) -> [(String, WeightOptions)]
  {
    switch value {
    case let own as WeightOptions: [(String(label.prefix(label.count - "Options".count)), own)]
    case let all as RecurrentOptions:
      [("kernel", all.kernel), ("recurrent", all.recurrent), ("bias", all.bias)]
    default: []
    }
  }

  /// A property's value; nil for what is no configuration, such as a weight or a closure.
  fileprivate init?(_ value: Any) {
    switch value {
    case let b as Bool: self = .bool(b)
    case let n as Int: self = .int(n)
    case let x as Double: self = .double(x)
    case let s as String: self = .text(s)
    case let f as ActivationFunction: self = .text(f.name)
    case let p as PerAxis: self = .list(p.values.map { .int($0) })
    case .explicit(let low, let high) as Padding:
      self = .map([
        "low": .list(low.values.map { .int($0) }), "high": .list(high.values.map { .int($0) }),
      ])
    case let p as Padding: self = .text("\(p)")
    case let d as Dim: self = d.constant.map { .int($0) } ?? .text(d.description)
    case let t as DType: self = .text(t.description)
    case let layer as Layer: self = layer.configuration
    case let list as [Any]:
      let parts = list.map { Configuration($0) }
      guard parts.allSatisfy({ $0 != nil }) else { return nil }
      self = .list(parts.compactMap { $0 })
    default:
      let mirror = Mirror(reflecting: value)
      switch mirror.displayStyle {
      case .optional:
        guard let inner = mirror.children.first else { return nil }
        self.init(inner.value)
      case .enum where mirror.children.isEmpty: self = .text("\(value)")
      case .tuple:
        let parts = mirror.children.compactMap { Configuration($0.value) }
        guard parts.count == mirror.children.count else { return nil }
        self = .list(parts)
      default:
        guard value is any Initializer || value is any Regularizer || value is any Constraint else {
          return nil
        }
        var parts: [String: Configuration] = ["type": .text("\(type(of: value))")]
        for child in mirror.children {
          if let label = child.label, let part = Configuration(child.value) { parts[label] = part }
        }
        self = .map(parts)
      }
    }
  }
}

extension Layer {
  /// What the layer was made with: its class, its name, and those of its properties that are numbers, texts,
  /// activations, initializers and the like, or layers.
  public final var configuration: Configuration {
    var parts: [String: Configuration] = [
      "type": .text("\(type(of: self))"), "name": .text(name), "trainable": .bool(trainable),
    ]
    var mirror: Mirror? = Mirror(reflecting: self)
    while let current = mirror, current.subjectType != Layer.self {
      for child in current.children {
        guard let label = child.label, !(child.value is Expr) else { continue }
        for (name, options) in Configuration.weightOptions(child.value, label) {
          for part in Mirror(reflecting: options).children {
            guard let kind = part.label, let value = Configuration(part.value) else { continue }
            parts[name + kind.prefix(1).uppercased() + kind.dropFirst()] = value
          }
        }
        if let all = child.value as? RecurrentOptions {
          parts["dropout"] = .double(all.dropout)
          parts["recurrentDropout"] = .double(all.recurrentDropout)
        }
        if let part = Configuration(child.value) { parts[label] = part }
      }
      mirror = current.superclassMirror
    }
    if let model = self as? Model {
      parts["layers"] = .list(model.layers.map(\.configuration))
    }
    return .map(parts)
  }
}
