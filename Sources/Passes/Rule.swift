package import GnomonIR
package import GnomonTensors

/// An equation, used from left to right, and named by it.
///
///     Rule("x * 1 = x", Multiply()(x, 1), becomes: x)
package struct Rule: Sendable {
  /// What the two sides have in common.
  package enum Exactness: Sendable {
    /// The same bits for all operands, NaN, infinities and both zeros included (NaN payloads aside).
    case exact
    /// Equal in real numbers; the rounding may differ by a few units in the last place.
    case rounding
    /// Equal in real numbers; the right side is right where the left one overflows or cancels.
    case stabilizing
  }

  /// The instruction that a rule is asked about.
  package struct Site {
    package let op: any Op
    package let operands: [ValueID]
    package let type: TensorType
  }

  package let name: String
  package let exactness: Exactness
  /// The left side and the dtypes it holds for, of an equation between patterns.
  package let left: Pattern?
  package let domain: Domain
  /// The op at the root of the left side; nil for rules about a family.
  let root: ObjectIdentifier?
  let apply: @Sendable (inout Rewriter, Site) throws -> ValueID?

  /// An equation between two patterns.
  package init(
    _ name: String, _ left: Pattern, becomes right: Pattern, for domain: Domain = .all,
    is exactness: Exactness = .exact
  ) {
    guard case .op(let op, _) = left else { preconditionFailure("a rule starts at an op") }
    self.name = name
    self.exactness = exactness
    self.left = left
    self.domain = domain
    root = ObjectIdentifier(Swift.type(of: op))
    apply = { rewriter, site in
      guard let last = site.operands.last, domain.contains(rewriter.type(of: last).dtype) else {
        return nil
      }
      var match = Match()
      guard match.matches(left, op: site.op, site.operands, rewriter) else { return nil }
      return try rewriter.fit(
        try right.build(&rewriter, match, number: site.type.dtype), site.type)
    }
  }

  /// A rule about an op that looks at attributes or types.
  package init<O: Op>(
    _ name: String, at _: O.Type, is exactness: Exactness = .exact,
    _ body: @escaping @Sendable (inout Rewriter, O, Site) throws -> ValueID?
  ) {
    self.name = name
    self.exactness = exactness
    left = nil
    domain = .all
    root = ObjectIdentifier(O.self)
    apply = { rewriter, site in
      guard let op = site.op as? O else { return nil }
      return try body(&rewriter, op, site)
    }
  }

  /// A rule about a family of ops.
  package init(
    _ name: String, is exactness: Exactness = .exact,
    family body: @escaping @Sendable (inout Rewriter, Site) throws -> ValueID?
  ) {
    self.name = name
    self.exactness = exactness
    left = nil
    domain = .all
    root = nil
    apply = body
  }
}

/// The dtypes a rule holds for.
package enum Domain: Sendable {
  case all, floats, integers, bools
  /// Floats and signed integers.
  case signed
  /// Integers and bools: no NaN, no signed zero.
  case exactNumbers

  package func contains(_ dtype: DType) -> Bool {
    switch self {
    case .all: true
    case .floats: dtype.isFloat
    case .integers: dtype.isInteger
    case .bools: dtype == .bool
    case .signed: dtype.isFloat || dtype.isSignedInteger
    case .exactNumbers: !dtype.isFloat
    }
  }
}

/// Rules by the op at their root, in the order of their declaration.
package struct RuleTable: Sendable {
  private var byRoot: [ObjectIdentifier: [Rule]] = [:]
  private let general: [Rule]

  package init(_ rules: [Rule]) {
    general = rules.filter { $0.root == nil }
    for (i, rule) in rules.enumerated() {
      guard let root = rule.root, byRoot[root] == nil else { continue }
      byRoot[root] = rules[i...].filter { $0.root == root } + general
    }
  }

  func candidates(for op: any Op) -> [Rule] { byRoot[ObjectIdentifier(type(of: op))] ?? general }
}

/// A pass that is a list of rules.
package struct RulePass: Sendable {
  package let name: String
  package let summary: String
  package let rules: [Rule]
  private let isClosing: Bool
  private let table: RuleTable

  package init(
    _ name: String, _ summary: String, isClosing: Bool = false, _ rules: [Rule]
  ) {
    self.name = name
    self.summary = summary
    self.isClosing = isClosing
    self.rules = rules
    table = RuleTable(rules)
  }

  /// Applies the rules in one sweep and counts which were.
  package func run(_ graph: Graph, fired: inout [String: Int]) throws -> Graph {
    try Rewriter.apply(table, to: graph, fired: &fired)
  }

  package var pass: Pass {
    let isExact = rules.allSatisfy { $0.exactness == .exact }
    return Pass(name, summary, isExact: isExact, isClosing: isClosing) { graph in
      var fired: [String: Int] = [:]
      return try run(graph, fired: &fired)
    }
  }
}
