package import GnomonIR
package import GnomonTensors

/// A computation with a derivative of its own.
///
/// The value is that of the first region. The second region is the reverse sweep's rule: from the
/// operands, the results and the derivatives of the loss with respect to these, it gives those with
/// respect to the first operands. It is differentiated like any other program when derivatives of a
/// higher order are asked for. After differentiation the first region takes the op's place.
package struct CustomGradient: Op {
  package static let mnemonic = "custom_gradient"
  package static let summary = "The first region, with the second one as its derivative."
  package static let constraints = [
    "the operands are those with a derivative, then the captures",
    "the first region takes the operands",
    "the second region takes the operands, the results and one value of the type of each result",
    "the second region gives one value for each floating-point operand with a derivative, of its type",
  ]
  package static let arity = 0...Int.max
  package static let regionCount = 2

  /// How many of the operands have a derivative.
  package var differentiable: Int

  package init(differentiable: Int) { self.differentiable = differentiable }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let operands = context.operands
    guard (0...operands.count).contains(differentiable) else {
      throw Refusal(
        .verification, "\(differentiable) operands with a derivative of \(operands.count)",
        constraint: "C1")
    }
    guard context.regions.count == 2, context.regions[0].parameters == operands else {
      throw Refusal(.verification, "the region does not take the operands", constraint: "C2")
    }
    let results = context.regions[0].results
    guard context.regions[1].parameters == operands + results + results else {
      throw Refusal(
        .verification, "the second region does not take operands, results and derivatives",
        constraint: "C3")
    }
    guard context.regions[1].results == operands[..<differentiable].filter(\.dtype.isFloat) else {
      throw Refusal(
        .verification, "the second region does not give derivatives of the operands",
        constraint: "C4")
    }
    return results
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    let rule = c.regions[1]
    let upstream = zip(c.upstream, c.results).map { $0 ?? zeros(like: $1) }
    var slopes = rule.applied(to: c.operands + c.results + upstream)[...]
    return c.operands.indices.map { i in
      i < differentiable && c.operands[i].dtype.isFloat ? slopes.removeFirst() : nil
    }
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    try context.run(0, operands)
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering { .inlined }
}

extension Body {
  /// What the body gives for these arguments, as expressions outside of any region.
  package func applied(to arguments: [Expr]) -> [Expr] {
    var replacements: [Expr.ID: Expr] = [:]
    for (p, a) in zip(parameters, arguments) where p.id != a.id { replacements[p.id] = a }
    return Expr.replacing(replacements, in: results)
  }
}
