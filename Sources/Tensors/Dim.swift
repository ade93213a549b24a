/// A size: a polynomial with integer coefficients over named dimensions, kept in canonical order so
/// that `==` is structural.
///
///     let n: Dim = "batch"
///     n * 2 + 1          // prints as 2*batch + 1
///
/// The compiler uses the same polynomials for index expressions; there the atoms may also be loop
/// axes and indices loaded from memory. Arithmetic saturates instead of trapping; a type rule
/// refuses sizes beyond 2^48 elements long before that matters.
public struct Dim: Hashable, Sendable {
  /// An indivisible factor of a term.
  public indirect enum Atom: Hashable, Sendable, Comparable {
    /// A named dimension.
    case name(String)
    /// A loop axis; only inside index expressions.
    case axis(Int)
    /// The value of the read with this number, used as an index; only inside index expressions.
    case loaded(Int)
    /// The quotient, rounded down; 0 if the divisor is 0.
    case quotient(Dim, Dim)
    case minimum(Dim, Dim)
    case maximum(Dim, Dim)

    private var rank: Int {
      switch self {
      case .name: 0
      case .axis: 1
      case .loaded: 2
      case .quotient: 3
      case .minimum: 4
      case .maximum: 5
      }
    }

    public static func < (a: Atom, b: Atom) -> Bool {
      switch (a, b) {
      case (.name(let x), .name(let y)): x < y
      case (.axis(let x), .axis(let y)): x < y
      case (.loaded(let x), .loaded(let y)): x < y
      case (.quotient(let p, let q), .quotient(let r, let s)),
        (.minimum(let p, let q), .minimum(let r, let s)),
        (.maximum(let p, let q), .maximum(let r, let s)):
        p == r ? q < s : p < r
      default: a.rank < b.rank
      }
    }
  }

  /// A product of atoms with an integer coefficient that is not zero; the atoms are sorted, and a
  /// square holds its atom twice.
  public struct Term: Hashable, Sendable {
    public var coefficient: Int
    public var atoms: [Atom]
  }

  /// The part without atoms.
  public private(set) var constantPart: Int
  /// The other terms, in the order of their atoms.
  public private(set) var terms: [Term]

  /// A constant size.
  public init(_ value: Int) {
    constantPart = value
    terms = []
  }

  /// A polynomial of a single atom.
  public init(_ atom: Atom) {
    constantPart = 0
    terms = [Term(coefficient: 1, atoms: [atom])]
  }

  init(constant: Int, terms: [Term]) {
    constantPart = constant
    self.terms = terms
  }

  /// The value, if it has no atoms.
  public var constant: Int? { terms.isEmpty ? constantPart : nil }

  /// The name, if this is exactly one named dimension.
  public var name: String? {
    guard constantPart == 0, terms.count == 1, terms[0].coefficient == 1, terms[0].atoms.count == 1,
      case .name(let n) = terms[0].atoms[0]
    else { return nil }
    return n
  }

  /// The single axis atom, if this is exactly one loop axis.
  public var singleAxis: Int? {
    guard constantPart == 0, terms.count == 1, terms[0].coefficient == 1, terms[0].atoms.count == 1,
      case .axis(let n) = terms[0].atoms[0]
    else { return nil }
    return n
  }

  /// A loop axis as an index expression.
  public static func axis(_ id: Int) -> Dim { Dim(.axis(id)) }

  /// All atoms that occur, those inside quotients, minima and maxima included.
  public func forEachAtom(_ visit: (Atom) -> Void) {
    for term in terms {
      for atom in term.atoms {
        visit(atom)
        switch atom {
        case .quotient(let a, let b), .minimum(let a, let b), .maximum(let a, let b):
          a.forEachAtom(visit)
          b.forEachAtom(visit)
        default: break
        }
      }
    }
  }

  /// The named dimensions that occur.
  public var names: Set<String> {
    var found: Set<String> = []
    forEachAtom { if case .name(let n) = $0 { found.insert(n) } }
    return found
  }

  /// The loop axes that occur.
  public var axes: Set<Int> {
    var found: Set<Int> = []
    forEachAtom { if case .axis(let n) = $0 { found.insert(n) } }
    return found
  }
}

// MARK: - Literals and names

extension Dim: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  public init(integerLiteral value: Int) { self.init(value) }
  public init(stringLiteral name: String) { self.init(.name(name)) }

  /// A dimension with a name known at run time.
  public init(named name: String) { self.init(.name(name)) }
}
