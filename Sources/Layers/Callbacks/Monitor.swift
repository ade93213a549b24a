internal import Gnomon

/// Which figure a callback looks at, and what is better.
public enum MonitorMode: Sendable, Hashable {
  /// As the figure's metric says; a loss is better when smaller.
  case auto
  case min, max
}

/// The best value of a figure so far.
struct Monitor {
  let name: String
  private let mode: MonitorMode
  private let minimumChange: Double
  private(set) var best: Double?

  init(_ name: String, _ mode: MonitorMode, minimumChange: Double = 0) {
    self.name = name
    self.mode = mode
    self.minimumChange = minimumChange.magnitude
  }

  /// The figure; a name that is not there is told of once.
  func value(in logs: Logs) -> Double? {
    if let value = logs[name] { return value }
    Warnings.once(
      "there is no figure `\(name)` to look at; there are \(logs.names.joined(separator: ", "))")
    return nil
  }

  /// Whether a value is better than another one.
  func isBetter(_ value: Double, than other: Double, _ model: Model?) -> Bool {
    growsWhenBetter(model) ? value - minimumChange > other : value + minimumChange < other
  }

  /// Keeps the value if it is the best so far.
  mutating func improves(_ value: Double, _ model: Model?) -> Bool {
    if let best, !isBetter(value, than: best, model) { return false }
    guard !value.isNaN else { return false }
    best = value
    return true
  }

  mutating func reset(to value: Double? = nil) { best = value }

  private func growsWhenBetter(_ model: Model?) -> Bool {
    switch mode {
    case .min: return false
    case .max: return true
    case .auto:
      let bare = name.hasPrefix("val_") ? String(name.dropFirst(4)) : name
      switch model?.trainer?.direction(of: bare) {
      case .up: return true
      case .down: return false
      default: return bare.hasSuffix("accuracy") || bare.hasSuffix("acc") || bare.hasSuffix("auc")
      }
    }
  }
}
