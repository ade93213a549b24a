package import GnomonIR
package import GnomonTensors

extension Dim {
  /// Whether no sizes could make it negative: names are never negative, nor what is built from them
  /// without subtraction.
  package var isSurelyNonNegative: Bool {
    constantPart >= 0
      && terms.allSatisfy { $0.coefficient > 0 && $0.atoms.allSatisfy(\.isSurelyNonNegative) }
  }
}

extension Dim.Atom {
  fileprivate var isSurelyNonNegative: Bool {
    switch self {
    case .name: true
    case .axis, .loaded: false
    case .quotient(let a, let b): a.isSurelyNonNegative && b.isSurelyNonNegative
    case .minimum(let a, let b): a.isSurelyNonNegative && b.isSurelyNonNegative
    case .maximum(let a, let b): a.isSurelyNonNegative || b.isSurelyNonNegative
    }
  }
}

extension TypeContext {
  /// Requires `a >= b` unless it is plain; false when it is plainly false.
  package mutating func requireOrder(_ a: Dim, atLeast b: Dim) -> Bool {
    let d = a - b
    if d.isSurelyNonNegative { return true }
    if let constant = d.constant { return constant >= 0 }
    // As a user would put it: `n >= 5`, not `n - 5 >= 0`.
    return require(d - Dim(d.constantPart), .atLeast, Dim(-d.constantPart))
  }
}
