internal import Foundation
internal import Gnomon

extension LayerSettings {
  /// The initializer under a name; the usual one where there is none, or one of a class that is not known:
  /// it matters only until weights are read.
  func initializer(_ name: String, _ usual: any Initializer = .glorotUniform) -> any Initializer {
    guard let (type, config) = object(name) else { return usual }
    func number(_ key: String, _ otherwise: Double) -> Double { config[key]?.number ?? otherwise }
    switch type {
    case "Zeros": return .zeros
    case "Ones": return .ones
    case "Constant": return .constant(number("value", 0))
    case "Identity", "IdentityMatrix": return .identity(gain: number("gain", 1))
    case "GlorotUniform": return .glorotUniform
    case "GlorotNormal": return .glorotNormal
    case "HeUniform": return .heUniform
    case "HeNormal": return .heNormal
    case "LecunUniform": return .lecunUniform
    case "LecunNormal": return .lecunNormal
    case "Orthogonal": return .orthogonal(gain: number("gain", 1))
    case "RandomUniform":
      return .randomUniform(
        minimum: number("minval", number("minimum", -0.05)),
        maximum: number("maxval", number("maximum", 0.05)))
    case "RandomNormal":
      return .randomNormal(
        mean: number("mean", 0),
        standardDeviation: number("stddev", number("standard_deviation", 0.05)))
    case "TruncatedNormal":
      return .truncatedNormal(
        mean: number("mean", 0),
        standardDeviation: number("stddev", number("standard_deviation", 0.05)))
    case "VarianceScaling":
      func text(_ key: String) -> String {
        if case .text(let text)? = config[key] { text } else { "" }
      }
      // A configuration of ours has the case's name, a file of Keras' its value.
      let modes: [String: VarianceScaling.Mode] = [
        "fanOut": .fanOut, "fan_out": .fanOut, "fanAverage": .fanAverage, "fan_avg": .fanAverage,
      ]
      let kinds: [String: VarianceScaling.Distribution] = [
        "uniform": .uniform, "untruncatedNormal": .untruncatedNormal,
        "untruncated_normal": .untruncatedNormal,
      ]
      return VarianceScaling(
        scale: number("scale", 1), mode: modes[text("mode")] ?? .fanIn,
        distribution: kinds[text("distribution")] ?? .truncatedNormal)
    default: return usual
    }
  }

  func regularizer(_ name: String) throws -> (any Regularizer)? {
    guard let (type, config) = object(name) else { return nil }
    func number(_ key: String) -> Double { config[key]?.number ?? 0 }
    switch type {
    case "L1", "L2", "L1L2": return L1L2(l1: number("l1"), l2: number("l2"))
    case "OrthogonalRegularizer":
      return OrthogonalRegularizer(
        factor: number("factor"), mode: config["mode"] == .text("columns") ? .columns : .rows)
    default: throw missing("\(name) that is known, rather than \(type)")
    }
  }

  func constraint(_ name: String) throws -> (any Constraint)? {
    guard let (type, config) = object(name) else { return nil }
    func number(_ keys: String..., otherwise: Double) -> Double {
      keys.lazy.compactMap { config[$0]?.number }.first ?? otherwise
    }
    let axes = config["axis"]?.integers ?? config["axes"]?.integers ?? [0]
    switch type {
    case "MaxNorm": return MaxNorm(number("max_value", "maximum", otherwise: 2), axes: axes)
    case "NonNeg", "NonNegative": return NonNegative()
    case "UnitNorm": return UnitNorm(axes: axes)
    case "MinMaxNorm":
      return MinMaxNorm(
        minimum: number("min_value", "minimum", otherwise: 0),
        maximum: number("max_value", "maximum", otherwise: 1), rate: number("rate", otherwise: 1),
        axes: axes)
    default: throw missing("\(name) that is known, rather than \(type)")
    }
  }

  /// Class and settings of what is no layer.
  private func object(_ name: String) -> (type: String, config: [String: Configuration])? {
    guard case .map(let object)? = self[name],
      case .text(let type)? = object["class_name"] ?? object["type"]
    else { return nil }
    guard case .map(let config)? = object["config"] else {
      let snake = object.map { (LayerNames.snakeCase($0.key), $0.value) }
      return (type, Dictionary(snake, uniquingKeysWith: { a, _ in a }))
    }
    return (type, config)
  }
}
