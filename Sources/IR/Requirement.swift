package import GnomonTensors

/// A fact about sizes that the types rely on; checked once at entry, at the user's line.
package struct Requirement: Hashable, Sendable {
  package enum Relation: String, Hashable, Sendable, Codable {
    case equal = "=="
    case atLeast = ">="
    /// The left side divides the right side.
    case divides = "divides"
  }
  package var left: Dim
  package var relation: Relation
  package var right: Dim
  package var location: Location

  package init(_ left: Dim, _ relation: Relation, _ right: Dim, at location: Location = .unknown) {
    self.left = left
    self.relation = relation
    self.right = right
    self.location = location
  }

  package func holds(names: [String: Int]) -> Bool? {
    guard let l = left.evaluated(names: names), let r = right.evaluated(names: names) else {
      return nil
    }
    return switch relation {
    case .equal: l == r
    case .atLeast: l >= r
    case .divides: l != 0 && r % l == 0
    }
  }
}
