public import GnomonIR
package import GnomonTensors

/// A computation whose values the derivative computes again rather than keeps.
///
///     var h = x
///     for block in blocks { h = recompute { block(h) } }
///
/// The reverse sweep of a program reads values that the program made long before; they are kept in
/// memory until then. Of what `body` makes only what it gives is kept, and what it takes from outside.
/// That costs the time of a second run of the body, and shows in `plan`. The numbers are the same.
/// Within a loop's step it means that the loop keeps its state alone.
///
/// - Parameter body: the computation; it may use any expression from outside.
@_transparent public func recompute(_ body: () -> Expr) -> Expr {
  _recompute(.here()) { [body()] }[0]
}

/// A computation with several results, whose values the derivative computes again.
@_transparent public func recompute(_ body: () -> [Expr]) -> [Expr] { _recompute(.here(), body) }

@usableFromInline func _recompute(_ at: Location, _ body: () -> [Expr]) -> [Expr] {
  let loop = LoopBuilder("recompute", at)
  let results = body().map { $0.settled() }
  func all(_ e: Expr) -> [Expr] { results.isEmpty ? [e] : results.map { _ in e } }
  if let invalid = loop.invalid(results) { return all(invalid) }
  if results.isEmpty { return [loop.nothing] }
  let captures = loop.captures(of: results)
  let made = Expr.apply(
    Recompute(), captures, regions: [Body(parameters: captures, results: results)], at: at)
  return made.count == results.count ? made : all(made[0])
}

/// The region, computed once more where its derivative is. After differentiation the region takes
/// the op's place.
package struct Recompute: Op {
  package static let mnemonic = "recompute"
  package static let summary = "The region, whose derivative computes it again."
  package static let constraints = ["the region takes the operands"]
  package static let arity = 0...Int.max
  package static let regionCount = 1
  package init() {}

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard context.regions.count == 1, context.regions[0].parameters == context.operands else {
      throw Refusal(.verification, "the region does not take the operands", constraint: "C1")
    }
    return context.regions[0].results
  }

  /// The reverse sweep of the body on the same operands, once more: these wait for the derivatives
  /// that arrive, so that nothing is computed, or found equal to the first run, before they are there.
  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    let arrived = c.upstream.compactMap(\.self)
    let again = c.operands.map { Expr.make(Barrier(), [$0] + arrived, at: .here()) }
    let results = c.regions[0].applied(to: again)
    let wanted = c.operands.indices.filter { c.wanted[$0] }
    let slopes = try reverseSweep(
      outputs: results, upstream: c.upstream, inputs: wanted.map { again[$0] }, stopAt: again)
    var all = [Expr?](repeating: nil, count: c.operands.count)
    for (i, d) in zip(wanted, slopes) { all[i] = d }
    return all
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    try context.run(0, operands)
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering { .inlined }
}

/// The first operand, not before the others are computed. No pass looks through it.
package struct Barrier: Op {
  package static let mnemonic = "barrier"
  package static let summary = "The first operand, not before the others are computed."
  package static let arity = 1...Int.max
  package init() {}

  package func resultTypes(_ context: inout TypeContext) -> [TensorType] { [context[0]] }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [c.upstream[0]] + c.operands.dropFirst().map { _ in nil }
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) -> [Tensor] {
    [operands[0]]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering { .barrier }
}
