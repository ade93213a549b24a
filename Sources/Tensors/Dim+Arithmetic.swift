extension Dim {
  public static func + (a: Dim, b: Dim) -> Dim {
    if b.terms.isEmpty { return Dim(constant: sum(a.constantPart, b.constantPart), terms: a.terms) }
    if a.terms.isEmpty { return Dim(constant: sum(a.constantPart, b.constantPart), terms: b.terms) }
    var merged: [Term] = []
    merged.reserveCapacity(a.terms.count + b.terms.count)
    var i = 0
    var j = 0
    while i < a.terms.count || j < b.terms.count {
      if j == b.terms.count || (i < a.terms.count && precedes(a.terms[i].atoms, b.terms[j].atoms)) {
        merged.append(a.terms[i])
        i += 1
      } else if i == a.terms.count || a.terms[i].atoms != b.terms[j].atoms {
        merged.append(b.terms[j])
        j += 1
      } else {
        let c = sum(a.terms[i].coefficient, b.terms[j].coefficient)
        if c != 0 { merged.append(Term(coefficient: c, atoms: a.terms[i].atoms)) }
        i += 1
        j += 1
      }
    }
    return Dim(constant: sum(a.constantPart, b.constantPart), terms: merged)
  }

  public static prefix func - (a: Dim) -> Dim { a * Dim(-1) }

  public static func - (a: Dim, b: Dim) -> Dim { a + -b }

  public static func * (a: Dim, b: Dim) -> Dim {
    if let c = b.constant { return a.scaled(by: c) }
    if let c = a.constant { return b.scaled(by: c) }
    var total = Dim(0)
    for x in a.terms + (a.constantPart == 0 ? [] : [Term(coefficient: a.constantPart, atoms: [])]) {
      var row = Dim(0)
      for y in b.terms {
        row =
          row
          + Dim(
            constant: 0,
            terms: [
              Term(
                coefficient: product(x.coefficient, y.coefficient),
                atoms: (x.atoms + y.atoms).sorted())
            ])
      }
      if b.constantPart != 0 {
        let c = product(x.coefficient, b.constantPart)
        row =
          row
          + (x.atoms.isEmpty
            ? Dim(c) : Dim(constant: 0, terms: [Term(coefficient: c, atoms: x.atoms)]))
      }
      total = total + row
    }
    return total
  }

  public static func += (a: inout Dim, b: Dim) { a = a + b }
  public static func -= (a: inout Dim, b: Dim) { a = a - b }
  public static func *= (a: inout Dim, b: Dim) { a = a * b }

  private func scaled(by c: Int) -> Dim {
    if c == 0 { return Dim(0) }
    if c == 1 { return self }
    return Dim(
      constant: Dim.product(constantPart, c),
      terms: terms.map { Term(coefficient: Dim.product($0.coefficient, c), atoms: $0.atoms) })
  }

  /// The quotient rounded down; exact divisions of polynomials stay polynomials.
  ///
  /// By a constant, what divides leaves the quotient, so that equal sizes look equal:
  /// `floor(4*n + m + 9, 4)` is `n + floor(m + 1, 4) + 2`. A divisor with names is taken not to be
  /// 0; a quotient by the constant 0 is 0.
  public func quotient(dividingBy divisor: Dim) -> Dim {
    if let c = divisor.constant {
      if c == 1 { return self }
      if c == 0 { return Dim(0) }
      if let n = constant { return Dim(Dim.floorDivide(n, c)) }
      // floor((c·p + c·k + r) / c) = p + k + floor(r / c)
      let multiples = terms.compactMap { term in
        Dim.exactly(term.coefficient, dividedBy: c).map {
          Term(coefficient: $0, atoms: term.atoms)
        }
      }
      let others = terms.filter { Dim.exactly($0.coefficient, dividedBy: c) == nil }
      let k = Dim.floorDivide(constantPart, c)
      let whole = Dim(constant: k, terms: multiples)
      if others.isEmpty { return whole }
      let left = Dim.sum(constantPart, Dim.product(-1, Dim.product(k, c)))
      return whole + Dim(.quotient(Dim(constant: left, terms: others), divisor))
    }
    if self == divisor { return Dim(1) }
    if let exact = exactQuotient(by: divisor) { return exact }
    return Dim(.quotient(self, divisor))
  }

  /// The polynomial that gives this one when multiplied by `divisor`, if there is one.
  public func exactQuotient(by divisor: Dim) -> Dim? {
    // Long division: terms are ordered by degree and then by atoms, an order that multiplication
    // keeps, so every step removes the first term of the rest.
    let first = divisor.leadingTerm
    var rest = self
    var result = Dim(0)
    while rest != Dim(0) {
      let leading = rest.leadingTerm
      guard let c = Dim.exactly(leading.coefficient, dividedBy: first.coefficient) else {
        return nil
      }
      var atoms = leading.atoms
      for atom in first.atoms {
        guard let at = atoms.firstIndex(of: atom) else { return nil }
        atoms.remove(at: at)
      }
      let step =
        atoms.isEmpty ? Dim(c) : Dim(constant: 0, terms: [Term(coefficient: c, atoms: atoms)])
      let next = rest - step * divisor
      // Saturated coefficients may leave the first term in place.
      guard next.leadingTerm.atoms != leading.atoms || next == Dim(0) else { return nil }
      result = result + step
      rest = next
    }
    return result
  }

  /// The first term; the constant part if there is no other.
  private var leadingTerm: Term { terms.first ?? Term(coefficient: constantPart, atoms: []) }

  /// a / b if that is an integer.
  private static func exactly(_ a: Int, dividedBy b: Int) -> Int? {
    let (quotient, overflow) = a.dividedReportingOverflow(by: b)
    return !overflow && product(quotient, b) == a ? quotient : nil
  }

  public static func minimum(_ a: Dim, _ b: Dim) -> Dim {
    if let d = (a - b).constant { return d <= 0 ? a : b }
    return a < b ? Dim(.minimum(a, b)) : Dim(.minimum(b, a))
  }

  public static func maximum(_ a: Dim, _ b: Dim) -> Dim {
    if let d = (a - b).constant { return d >= 0 ? a : b }
    return a < b ? Dim(.maximum(a, b)) : Dim(.maximum(b, a))
  }

  /// Replaces atoms; `replacement` returns nil for those that stay.
  public func substituting(_ replacement: (Atom) -> Dim?) -> Dim {
    if terms.isEmpty { return self }
    var total = Dim(constantPart)
    for term in terms {
      var product = Dim(term.coefficient)
      for atom in term.atoms {
        if let new = replacement(atom) {
          product = product * new
          continue
        }
        switch atom {
        case .quotient(let a, let b):
          product =
            product
            * a.substituting(replacement).quotient(dividingBy: b.substituting(replacement))
        case .minimum(let a, let b):
          product =
            product
            * Dim.minimum(a.substituting(replacement), b.substituting(replacement))
        case .maximum(let a, let b):
          product =
            product
            * Dim.maximum(a.substituting(replacement), b.substituting(replacement))
        default: product = product * Dim(atom)
        }
      }
      total = total + product
    }
    return total
  }

  /// The polynomial as `coefficient * axis + rest`, or nil if it is not linear in that axis.
  public func linear(in axis: Int) -> (coefficient: Dim, rest: Dim)? {
    var coefficient = Dim(0)
    var rest = Dim(constantPart)
    for term in terms {
      let single = Dim(constant: 0, terms: [term])
      guard let at = term.atoms.firstIndex(of: .axis(axis)) else {
        if single.axes.contains(axis) { return nil }
        rest = rest + single
        continue
      }
      var atoms = term.atoms
      atoms.remove(at: at)
      let factor =
        atoms.isEmpty
        ? Dim(term.coefficient)
        : Dim(constant: 0, terms: [Term(coefficient: term.coefficient, atoms: atoms)])
      if factor.axes.contains(axis) { return nil }
      coefficient = coefficient + factor
    }
    return (coefficient, rest)
  }

  /// The value, given those of the atoms; nil when an atom has none or the arithmetic overflows.
  public func evaluated(_ value: (Atom) -> Int?) -> Int? {
    var total = constantPart
    for term in terms {
      var product = term.coefficient
      for atom in term.atoms {
        let factor: Int?
        switch atom {
        case .quotient(let a, let b):
          guard let x = a.evaluated(value), let y = b.evaluated(value) else { return nil }
          if x == .min, y == -1 { return nil }
          factor = y == 0 ? 0 : Dim.floorDivide(x, y)
        case .minimum(let a, let b):
          guard let x = a.evaluated(value), let y = b.evaluated(value) else { return nil }
          factor = Swift.min(x, y)
        case .maximum(let a, let b):
          guard let x = a.evaluated(value), let y = b.evaluated(value) else { return nil }
          factor = Swift.max(x, y)
        default: factor = value(atom)
        }
        guard let factor else { return nil }
        let (p, overflow) = product.multipliedReportingOverflow(by: factor)
        if overflow { return nil }
        product = p
      }
      let (s, overflow) = total.addingReportingOverflow(product)
      if overflow { return nil }
      total = s
    }
    return total
  }

  /// The value, given those of the names.
  public func evaluated(names: [String: Int]) -> Int? {
    if terms.isEmpty { return constantPart }
    return evaluated { if case .name(let n) = $0 { names[n] } else { nil } }
  }

  package static func floorDivide(_ a: Int, _ b: Int) -> Int {
    if b == -1 { return product(a, -1) }
    let q = a / b
    return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q
  }

  private static func sum(_ a: Int, _ b: Int) -> Int {
    let (s, overflow) = a.addingReportingOverflow(b)
    return overflow ? (a > 0 ? Int.max : Int.min) : s
  }

  private static func product(_ a: Int, _ b: Int) -> Int {
    let (p, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? ((a > 0) == (b > 0) ? Int.max : Int.min) : p
  }

  /// The order of terms: fewer atoms last, so that `batch*n + batch + 1` reads as one writes it.
  private static func precedes(_ a: [Atom], _ b: [Atom]) -> Bool {
    if a.count != b.count { return a.count > b.count }
    for (x, y) in zip(a, b) where x != y { return x < y }
    return false
  }
}

extension Dim: Comparable {
  /// A total order for canonical forms; it says nothing about the values.
  public static func < (a: Dim, b: Dim) -> Bool {
    for (x, y) in zip(a.terms, b.terms) where x != y {
      if x.atoms != y.atoms { return precedes(x.atoms, y.atoms) }
      return x.coefficient < y.coefficient
    }
    if a.terms.count != b.terms.count { return a.terms.count < b.terms.count }
    return a.constantPart < b.constantPart
  }
}

extension Dim: CustomStringConvertible {
  public var description: String { rendered { $0 } }

  /// The text of the polynomial, with `spell` applied to the names (the IR quotes unusual ones).
  public func rendered(_ spell: (String) -> String) -> String {
    var text = ""
    func append(_ c: Int, _ body: String) {
      if text.isEmpty {
        text = c < 0 ? "-" : ""
      } else {
        text += c < 0 ? " - " : " + "
      }
      let magnitude = c.magnitude
      if body.isEmpty {
        text += "\(magnitude)"
      } else {
        text += magnitude == 1 ? body : "\(magnitude)*\(body)"
      }
    }
    for term in terms {
      let body = term.atoms.map { atom in
        switch atom {
        case .name(let n): spell(n)
        case .axis(let i): "#\(i)"
        case .loaded(let i): "@\(i)"
        case .quotient(let a, let b): "floor(\(a.rendered(spell)), \(b.rendered(spell)))"
        case .minimum(let a, let b): "min(\(a.rendered(spell)), \(b.rendered(spell)))"
        case .maximum(let a, let b): "max(\(a.rendered(spell)), \(b.rendered(spell)))"
        }
      }.joined(separator: "*")
      append(term.coefficient, body)
    }
    if constantPart != 0 || text.isEmpty { append(constantPart, "") }
    return text
  }
}
