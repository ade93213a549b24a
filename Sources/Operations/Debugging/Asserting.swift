public import GnomonIR
package import GnomonTensors

/// The tensor itself, if a condition holds when the function runs; else the call throws your message
/// (G0070), with this line, and leaves every variable as it was.
///
///     let safe = asserting(x, all(x .> 0), "the rate is positive")
///     let y = log(asserting(x, x .> 0, "the rate is positive"))       // says where it is not
///
/// Only what is used is computed: an assertion on a value that nothing depends on is not made.
///
/// - Parameters:
///   - x: any tensor.
///   - condition: bools, of any shape; all must be true.
///   - message: what holds, or what is wrong, in your words.
@_transparent public func asserting(_ x: Expr, _ condition: Expr, _ message: String) -> Expr {
  _asserting(x, condition, message, .here())
}

@usableFromInline func _asserting(
  _ x: Expr, _ condition: Expr, _ message: String, _ at: Location
) -> Expr {
  .make(Assertion(message: message), [x, condition.settled(.bool)], at: at)
}

/// The first operand, after a check that the second one is true everywhere.
package struct Assertion: Op {
  package static let mnemonic = "assert"
  package static let summary =
    "The first operand, once the second one is found to be true everywhere."
  package static let constraints = ["the second operand is bool"]
  package static let arity = 2...2

  /// What the error says.
  package var message: String
  package init(message: String) { self.message = message }

  package var facts: Facts { Facts(canFail: true, isCheckOnly: true) }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard context[1].dtype == .bool else {
      throw Refusal(
        .dtypeNotSupported, "the condition is \(context[1].dtype), not bool", constraint: "C1",
        marks: [Refusal.Mark(1)], help: "compare: {1} .!= 0")
    }
    return [context[0]]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] { [c.upstream[0], nil] }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    if let position = operands[1].integers.firstIndex(of: 0) {
      throw IndexFailure(index: 1, position: Int64(position), bound: 1)
    }
    return [operands[0]]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .check(.isTrue(message: message))
  }
}
