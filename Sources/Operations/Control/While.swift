package import GnomonIR
package import GnomonTensors

/// A loop that goes on as long as a condition on its carries holds.
///
/// The operands are the initial carries, then what the regions capture; both regions take the same
/// values. The results are the carries for which the condition fails.
package struct While: Op {
  package static let mnemonic = "while"
  package static let summary = "A loop that goes on as long as a condition on its carries holds."
  package static let constraints = [
    "the operands are the initial carries and the captures",
    "both regions take the operands",
    "the first region gives a bool scalar",
    "the second region gives the next carries, of the same types",
  ]
  package static let arity = 1...Int.max
  package static let regionCount = 2

  /// How many of the operands are carries.
  package var carries: Int
  /// The number of steps after which the condition fails, if it is known; derivatives need it.
  package var maximum: Int?

  package init(carries: Int, maximum: Int? = nil) {
    self.carries = carries
    self.maximum = maximum
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard carries >= 1, context.operands.count >= carries else {
      throw Refusal(
        .verification, "\(carries) carries among \(context.operands.count) operands",
        constraint: "C1")
    }
    guard context.regions.count == 2,
      context.regions.allSatisfy({ $0.parameters == context.operands })
    else {
      throw Refusal(.verification, "the regions do not take the operands", constraint: "C2")
    }
    guard context.regions[0].results == [TensorType(.bool, [])] else {
      throw Refusal(
        .loopMalformed, "the condition is not a bool scalar", constraint: "C3",
        help: "compare, and reduce with any() or all()")
    }
    let types = Array(context.operands[..<carries])
    guard context.regions[1].results == types else {
      throw Refusal(
        .carryMismatch, "the region gives other carries than it takes", constraint: "C4")
    }
    return types
  }

  /// The derivative of the scan of `maximum` steps that does nothing once the condition fails.
  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    let (condition, body) = (c.regions[0], c.regions[1])
    guard let maximum else {
      throw Refusal(
        .noGradient, "a loop without a largest number of steps has no derivative",
        help: "state it: whileLoop(…, maximum: 100)")
    }
    guard zip(condition.parameters, body.parameters).allSatisfy({ $0.id == $1.id }) else {
      throw InternalError("the regions of a while loop have different parameters")
    }
    let state = Array(body.parameters[..<carries])
    let step = Expr.apply(
      Branch(), condition.results + body.parameters,
      regions: [body, Body(parameters: body.parameters, results: state)], at: .here())
    let steps = Expr.apply(
      Scan(carries: carries, sequences: 0, length: Dim(maximum)), c.operands,
      regions: [Body(parameters: body.parameters, results: step)], at: .here())
    guard let scan = steps[0].node.op as? Scan else {
      throw InternalError("a loop of \(maximum) steps is invalid")
    }
    return try scan.gradient(
      GradientContext(
        upstream: c.upstream, operands: c.operands, results: steps,
        regions: steps[0].node.regions, wanted: c.wanted))
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    var carry = Array(operands[..<carries])
    let captures = operands[carries...]
    while try context.run(0, carry + captures)[0].bits[0] != 0 {
      carry = try context.run(1, carry + captures)
    }
    return carry
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .loop(Loop(carries: carries, sequences: 0, length: nil))
  }
}
