/// One C file of a library: its name, for people and messages, and its text.
package struct CUnit: Hashable, Sendable {
  package var name: String
  package var source: String

  package init(name: String, source: String) {
    self.name = name
    self.source = source
  }

  /// A file name without extension that is harmless whatever the unit's name is.
  func fileName(index: Int) -> String {
    let safe = name.unicodeScalars.prefix(48).map { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        ? Character(scalar) : "_"
    }
    return "\(index)_\(String(safe))"
  }
}
