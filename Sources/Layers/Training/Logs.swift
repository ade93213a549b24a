public import Gnomon

/// Figures by name, in the order in which they are shown: the loss, the metrics, those of the validation.
public struct Logs: Sendable {
  /// Names and figures; a metric of several thresholds has a vector.
  public internal(set) var entries: [(name: String, value: Tensor)]

  public init(_ entries: [(name: String, value: Tensor)] = []) { self.entries = entries }

  public var names: [String] { entries.map(\.name) }

  /// The figure of a name; of a vector the mean of its elements.
  public subscript(name: String) -> Double? {
    get {
      guard let values = entries.first(where: { $0.name == name })?.value.doubles else {
        return nil
      }
      return values.reduce(0, +) / Double(values.count)
    }
    set {
      entries.removeAll { $0.name == name }
      if let newValue { entries.append((name, Tensor(newValue))) }
    }
  }

  /// The same with others after them.
  func adding(_ more: Logs, prefix: String = "") -> Logs {
    Logs(entries + more.entries.map { (prefix + $0.name, $0.value) })
  }
}

extension Logs: CustomStringConvertible {
  /// `accuracy: 0.9312 - loss: 0.2208`, the names in alphabetical order as Keras has them.
  public var description: String {
    let sorted = entries.map(\.name).sorted { order($0) < order($1) }
    return sorted.map { "\($0): \(figure(self[$0] ?? .nan))" }.joined(separator: " - ")
  }

  /// Validation comes after training.
  private func order(_ name: String) -> String {
    name.hasPrefix("val_") ? "1" + name : name == "learning_rate" ? "2" : "0" + name
  }
}

/// Figures as Keras prints them: four places, or four digits and an exponent for small ones.
func figure(_ value: Double) -> String {
  value.magnitude > 1e-3 || value == 0
    ? fixed(value, places: 4) : scientific(value, places: 4)
}
