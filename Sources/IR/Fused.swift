package import GnomonTensors

/// Instructions that one kernel computes: what the fusion pass makes. The region holds them.
package struct Fused: Op {
  package static let mnemonic = "fused"
  package static let summary = "A region computed by one kernel."
  package static let constraints = [
    "the region has one parameter for each operand, of the operand's type"
  ]
  package static let arity = 0...Int.max
  package static let regionCount = 1
  /// The kernel's name: the scopes or ops it holds.
  package var name: String
  package init(name: String) { self.name = name }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard context.regions.count == 1, context.regions[0].parameters == context.operands else {
      throw Refusal(
        .verification, "the region's parameters do not match the operands", constraint: "C1")
    }
    return context.regions[0].results
  }

  package func gradient(_ context: GradientContext) throws -> [Expr?] {
    throw InternalError("fusion comes after differentiation")
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    try context.run(0, operands)
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering { .fused }
}
