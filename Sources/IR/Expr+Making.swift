package import GnomonTensors

extension Expr {
  /// Applies an op. Literals among the operands take the dtype the op decides; a refused operand
  /// gives an invalid expression with the diagnostic; what is built on an invalid expression is
  /// invalid without a second diagnostic.
  package static func apply(
    _ op: any Op, _ operands: [Expr], regions: [Body] = [], at location: Location
  ) -> [Expr] {
    let operands = resolvingLiterals(op, operands, at: location)
    if operands.contains(where: \.isInvalid)
      || regions.contains(where: { $0.results.contains(where: \.isInvalid) })
    {
      let node = Node(
        .invalid([]),
        operands: operands.filter(\.isInvalid) + regions.flatMap { $0.results.filter(\.isInvalid) },
        types: [], location: location)
      return [Expr(node: node)]
    }
    var context = TypeContext(operands: operands.map(\.type), regions: regions.map(\.type))
    do {
      let types = try op.resultTypes(&context)
      try checkSizes(types)
      let node = Node(
        .op(op), operands: operands, regions: regions, types: types, location: location,
        requirements: context.requirements.map { requirement in
          var placed = requirement
          placed.location = location
          return placed
        })
      return types.indices.map { Expr(node: node, index: $0) }
    } catch {
      return [.invalid(diagnostic(error, op: op, operands, at: location))]
    }
  }

  /// Applies an op with a single result.
  package static func make(
    _ op: any Op, _ operands: [Expr], regions: [Body] = [], at location: Location
  ) -> Expr {
    apply(op, operands, regions: regions, at: location)[0]
  }

  /// An expression that stands for a mistake.
  package static func invalid(_ diagnostic: Diagnostic) -> Expr {
    Expr(node: Node(.invalid([diagnostic]), types: [], location: diagnostic.location))
  }

  /// An expression that stands for a mistake described by a refusal, outside any op.
  package static func refused(
    _ refusal: Refusal, _ function: String, _ operands: [Expr], at location: Location
  ) -> Expr {
    if operands.contains(where: \.isInvalid) {
      return Expr(
        node: Node(
          .invalid([]), operands: operands.filter(\.isInvalid), types: [], location: location))
    }
    return .invalid(Diagnostic(refusal, function: function, rule: nil, operands, at: location))
  }

  /// A scalar constant of `dtype`.
  package static func constant(_ value: Double, _ dtype: DType, at location: Location) -> Expr {
    make(Constant(value, dtype), [], at: location)
  }

  /// A number that takes the dtype of what it meets.
  package static func literal(_ value: Double, at location: Location) -> Expr {
    Expr(node: Node(.literal(value), types: [TensorType(.float32, [])], location: location))
  }

  package var literalValue: Double? {
    if case .literal(let v) = node.origin { return v }
    return nil
  }

  /// A literal that met nothing becomes float32; every other expression is itself.
  package func settled(_ dtype: DType = .float32) -> Expr {
    literalValue.map { .constant($0, dtype, at: node.location) } ?? self
  }

  private static func resolvingLiterals(
    _ op: any Op, _ operands: [Expr], at location: Location
  ) -> [Expr] {
    guard operands.contains(where: { $0.literalValue != nil }) else { return operands }
    let known = operands.map { $0.literalValue == nil && !$0.isInvalid ? $0.type : nil }
    let dtype = op.literalDType(known)
    return operands.map { operand in
      guard let value = operand.literalValue else { return operand }
      if !dtype.isFloat, value != value.rounded() || value.magnitude >= 0x1p63 {
        return .invalid(
          Diagnostic(
            .literalNotRepresentable,
            "\(op.mnemonic): the number \(value) is not a value of \(dtype)",
            at: location,
            evidence: zip(operands, known).compactMap { e, t in
              t.map { Diagnostic.Evidence(label: e.label, type: $0, origin: e.node.location) }
            },
            help: "cast the \(dtype) operand first: {0}.cast(to: .float32)".naming(
              operands.filter { $0.literalValue == nil })))
      }
      return .constant(value, dtype, at: operand.node.location)
    }
  }

  package static func checkSizes(_ types: [TensorType]) throws(Refusal) {
    for type in types {
      var known = 1
      for d in type.shape {
        guard let c = d.constant else { continue }
        if c < 0 {
          throw Refusal(.invalidShape, "the result's size \(type) is negative")
        }
        let (p, overflow) = known.multipliedReportingOverflow(by: Swift.max(c, 1))
        if overflow || p > 1 << 48 {
          throw Refusal(
            .sizeOverflow, "the result's shape \(type) has more than 2^48 elements",
            help: "check the sizes; no machine holds such a tensor")
        }
        known = p
      }
    }
  }

  private static func diagnostic(
    _ refusal: Refusal, op: any Op, _ operands: [Expr], at location: Location
  ) -> Diagnostic {
    let rule = refusal.constraint.flatMap { label -> String? in
      let all = op.constraints
      guard let n = Int(label.dropFirst()), n >= 1, n <= all.count else { return nil }
      return "\(op.mnemonic) \(label): \(all[n - 1])"
    }
    return Diagnostic(refusal, function: op.mnemonic, rule: rule, operands, at: location)
  }

  /// The value's name, or what made it.
  package var label: String {
    switch node.origin {
    case .parameter(let p): p.name
    case .op(let op as Constant): op.value.number
    case .op(let op) where op.facts.isCheckOnly: node.operands[0].label
    case .op(let op): "result of \(node.location.scope?.path.last ?? op.mnemonic)"
    case .literal(let v): "\(v)"
    case .invalid: "invalid expression"
    }
  }
}

extension Op {
  /// The dtype that literal operands take; `known` has nil at their places.
  package func literalDType(_ known: [TensorType?]) -> DType {
    (self as? any LiteralTyping)?.dtypeOfLiterals(known)
      ?? known.compactMap { $0 }.first?.dtype ?? .float32
  }
}

/// An op whose literals do not take the dtype of its first operand.
package protocol LiteralTyping {
  func dtypeOfLiterals(_ known: [TensorType?]) -> DType?
}

extension Diagnostic {
  /// A refusal with the names and places of the operands.
  package init(
    _ refusal: Refusal, function: String, rule: String?, _ operands: [Expr], at location: Location
  ) {
    let marks = refusal.marks.isEmpty ? operands.indices.map { Refusal.Mark($0) } : refusal.marks
    self.init(
      refusal.code, "\(function): \(refusal.message.naming(operands))", at: location,
      evidence: marks.filter { $0.operand < operands.count }.map { mark in
        let e = operands[mark.operand]
        return Evidence(
          label: e.label, type: e.type, markedAxes: mark.axes, origin: e.node.location)
      }, rule: rule, help: refusal.help?.naming(operands))
  }
}

extension Expr {
  /// All diagnostics below these expressions, each once, in the order of the program.
  package static func diagnostics(of roots: [Expr]) -> [Diagnostic] {
    var seen: Set<ObjectIdentifier> = []
    var found: [(Int, [Diagnostic])] = []
    var pending = roots.filter(\.isInvalid).map(\.node)
    while let node = pending.popLast() {
      guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
      if case .invalid(let own) = node.origin {
        if !own.isEmpty { found.append((node.sequence, own)) }
        pending += node.operands.map(\.node)
      }
    }
    return found.sorted { $0.0 < $1.0 }.flatMap(\.1)
  }
}
