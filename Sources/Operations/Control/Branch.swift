public import GnomonIR
package import GnomonTensors

/// One of two computations, by a condition; only the chosen one runs.
///
///     let y = branch(sum(x) .> 0, then: { exp(x) }, else: { x })
///
/// - Parameters:
///   - condition: a bool scalar.
///   - then: the computation where it holds; it may use any expression from outside.
///   - otherwise: the other one, with a result of the same type.
@_transparent public func branch(
  _ condition: Expr, then: () -> Expr, else otherwise: () -> Expr
) -> Expr { _branch(condition, { [then()] }, { [otherwise()] }, .here())[0] }

/// One of two computations with several results; both sides give equally many, of the same types.
@_transparent public func branch(
  _ condition: Expr, then: () -> [Expr], else otherwise: () -> [Expr]
) -> [Expr] { _branch(condition, then, otherwise, .here()) }

/// One of two computations with two results.
@_transparent public func branch(
  _ condition: Expr, then: () -> (Expr, Expr), else otherwise: () -> (Expr, Expr)
) -> (Expr, Expr) {
  let r = _branch(
    condition,
    {
      let (a, b) = then()
      return [a, b]
    },
    {
      let (a, b) = otherwise()
      return [a, b]
    }, .here())
  return (r[0], r[1])
}

@usableFromInline func _branch(
  _ condition: Expr, _ then: () -> [Expr], _ otherwise: () -> [Expr], _ at: Location
) -> [Expr] {
  let start = Node.clock.now
  var a = then()
  var b = otherwise()
  let count = Swift.max(a.count, 1)
  // A literal takes the dtype of its partner on the other side.
  for i in 0..<Swift.min(a.count, b.count) {
    (a[i], b[i]) = settledPair(a[i], b[i])
  }
  func invalid(_ e: Expr) -> [Expr] { Array(repeating: e, count: count) }
  if ([condition] + a + b).contains(where: \.isInvalid) {
    return invalid(
      .refused(Refusal(.branchMismatch, ""), "branch", [condition] + a + b, at: at))
  }
  guard a.count == b.count, !a.isEmpty else {
    return invalid(
      .refused(
        Refusal(
          .branchMismatch, "one side gives \(a.count) results, the other \(b.count)",
          marks: [Refusal.Mark(0)], help: "both sides give equally many, at least one"), "branch",
        [condition], at: at))
  }
  let captures = Body.captures(of: a + b, since: start)
  let results = Expr.apply(
    Branch(), [condition] + captures,
    regions: [Body(parameters: captures, results: a), Body(parameters: captures, results: b)],
    at: at)
  return results.count == count ? results : invalid(results[0])
}

extension Body {
  /// The outermost values from before `start` that `results` use: what a region captures.
  package static func captures(of results: [Expr], since start: Int) -> [Expr] {
    var seen: Set<Expr.ID> = []
    var found: [Expr] = []
    var pending = Array(results.reversed())
    while let e = pending.popLast() {
      guard seen.insert(e.id).inserted else { continue }
      // A variable made inside, as a layer does when it is first called, lives outside all the same.
      if e.node.sequence <= start || e.isInputOrVariable {
        found.append(e)
      } else {
        pending += e.node.operands.reversed()
      }
    }
    return found
  }
}

extension Expr {
  fileprivate var isInputOrVariable: Bool {
    guard case .parameter(let p) = node.origin else { return false }
    if case .region = p.kind { return false }
    return true
  }
}

package struct Branch: Op {
  package static let mnemonic = "branch"
  package static let summary = "One of two regions, by a bool scalar; only the chosen one runs."
  package static let constraints = [
    "the first operand is a bool scalar",
    "there are two regions, whose parameters have the types of the other operands",
    "the regions' results have the same types",
  ]
  package static let arity = 1...Int.max
  package static let regionCount = 2
  package init() {}

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard context[0] == TensorType(.bool, []) else {
      throw Refusal(
        .branchMismatch, "the condition is not a bool scalar", constraint: "C1",
        marks: [Refusal.Mark(0)], help: "compare, and reduce with any() or all()")
    }
    guard context.regions.count == 2,
      context.regions.allSatisfy({ $0.parameters == Array(context.operands.dropFirst()) })
    else {
      throw Refusal(.verification, "the regions do not take the operands", constraint: "C2")
    }
    guard context.regions[0].results == context.regions[1].results else {
      let types = context.regions.map { $0.results.map(\.description).joined(separator: ", ") }
      throw Refusal(
        .branchMismatch, "one side gives \(types[0]), the other \(types[1])", constraint: "C3",
        marks: [Refusal.Mark(0)], help: "both sides must have the same dtype and shape")
    }
    return context.regions[0].results
  }

  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    try branchGradient(c)
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    try context.run(operands[0].bits[0] != 0 ? 0 : 1, Array(operands.dropFirst()))
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering { .branch }
}
