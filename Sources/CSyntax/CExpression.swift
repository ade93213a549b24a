/// An expression of C. The printer knows precedence; nobody else writes parentheses.
package indirect enum CExpression: Hashable, Sendable {
  case name(String)
  case integer(Int)
  /// A literal spelled as C wants it.
  case literal(String)
  case unary(String, CExpression)
  case binary(String, CExpression, CExpression)
  case conditional(CExpression, CExpression, CExpression)
  case call(String, [CExpression])
  case subscripted(CExpression, CExpression)
  /// `base->field`
  case arrow(CExpression, String)
  case cast(CType, CExpression)
  /// `(type){elements}`
  case compound(CType, [CExpression])
  /// `{elements}`, as an initializer.
  case compoundList([CExpression])

  package static func + (a: CExpression, b: CExpression) -> CExpression { .binary("+", a, b) }
  package static func - (a: CExpression, b: CExpression) -> CExpression { .binary("-", a, b) }
  package static func * (a: CExpression, b: CExpression) -> CExpression { .binary("*", a, b) }
}

extension CExpression: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(stringLiteral value: String) { self = .name(value) }
}

/// A type of C, by its spelling; `*` and `const` are part of it.
package struct CType: Hashable, Sendable, ExpressibleByStringLiteral {
  package var spelling: String
  package init(_ spelling: String) { self.spelling = spelling }
  package init(stringLiteral value: String) { spelling = value }
}

/// A statement of C.
package indirect enum CStatement: Hashable, Sendable {
  /// `type name = value;`
  case declare(CType, String, CExpression?)
  case assign(CExpression, CExpression)
  case expression(CExpression)
  /// `for (int64_t name = from; name < to; name += step) { … }`
  case loop(String, from: CExpression, to: CExpression, step: Int, [CStatement])
  case conditional(CExpression, [CStatement], otherwise: [CStatement])
  case block([CStatement])
  case comment(String)
  case returned(CExpression?)
}

/// A function of C.
package struct CFunction: Hashable, Sendable {
  package var comment: [String]
  package var qualifiers: String
  package var result: CType
  package var name: String
  package var parameters: [(type: CType, name: String)]
  package var body: [CStatement]

  package init(
    comment: [String] = [], qualifiers: String = "static", result: CType = "void", name: String,
    parameters: [(type: CType, name: String)], body: [CStatement]
  ) {
    self.comment = comment
    self.qualifiers = qualifiers
    self.result = result
    self.name = name
    self.parameters = parameters
    self.body = body
  }

  package static func == (a: CFunction, b: CFunction) -> Bool {
    a.declaration == b.declaration && a.body == b.body
  }
  package func hash(into h: inout Hasher) {
    h.combine(declaration)
    h.combine(body)
  }

  /// The prototype without the semicolon.
  package var declaration: String {
    let list = parameters.map { type, name in
      type.spelling.hasSuffix("*") ? type.spelling + name : "\(type.spelling) \(name)"
    }
    let head = result.spelling.hasSuffix("*") ? result.spelling : result.spelling + " "
    return (qualifiers.isEmpty ? "" : qualifiers + " ") + head + name
      + "(\(list.isEmpty ? "void" : list.joined(separator: ", ")))"
  }
}
