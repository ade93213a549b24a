internal import Synchronization

/// Names for layers that were given none: the class in snake case and a number, as Keras counts them.
enum LayerNames {
  private static let counts = Mutex<[String: Int]>([:])

  /// `dense`, then `dense_1`, `dense_2`…
  static func next(for type: Layer.Type) -> String { next(snakeCase(String(describing: type))) }

  static func next(_ base: String) -> String {
    let n = counts.withLock { counts in
      defer { counts[base, default: 0] += 1 }
      return counts[base, default: 0]
    }
    return n == 0 ? base : "\(base)_\(n)"
  }

  static func reset() { counts.withLock { $0 = [:] } }

  /// `MaxPooling2D` becomes `max_pooling2d`, `LSTMCell` becomes `lstm_cell`.
  static func snakeCase(_ name: String) -> String {
    let letters = Array(name.prefix { $0 != "<" })
    var result = ""
    for (i, c) in letters.enumerated() {
      let before = i > 0 ? letters[i - 1] : "_"
      let after = i + 1 < letters.count ? letters[i + 1] : "_"
      let beginsWord =
        c.isUppercase && (before.isLowercase || (before.isUppercase && after.isLowercase))
      if beginsWord, i > 0 { result += "_" }
      result += c.lowercased()
    }
    return result
  }
}

/// Forgets how many layers of each class were made, so that names start without numbers again.
public func resetLayerNames() { LayerNames.reset() }
