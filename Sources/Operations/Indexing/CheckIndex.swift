package import GnomonIR
package import GnomonTensors

/// Its operand, after a check that every element lies in 0..<bound. What reads at the indices takes
/// them from here, so nothing is read or written before the check has passed.
package struct CheckIndex: Op {
  package static let mnemonic = "check_index"
  package static let summary = "The operand, checked to lie in 0..<bound."
  package static let constraints = ["the dtype is an integer"]

  package var bound: Dim
  package init(bound: Dim) { self.bound = bound }

  package var facts: Facts { Facts(isIdempotent: true, canFail: true, isCheckOnly: true) }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard context[0].dtype.isInteger else {
      throw Refusal(
        .dtypeNotSupported, "indices are \(context[0].dtype); they need an integer dtype",
        constraint: "C1", help: "cast them first: {0}.cast(to: .int32)")
    }
    return [context[0]]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] { [nil] }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let bound = Int64(try context.value(bound))
    for (position, index) in operands[0].integers.enumerated() where index < 0 || index >= bound {
      throw IndexFailure(index: index, position: Int64(position), bound: bound)
    }
    return operands
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .check(.index(below: bound))
  }
}

extension Expr {
  /// The indices, checked when the function runs.
  package func checked(bound: Dim, _ at: Location) -> Expr {
    .make(CheckIndex(bound: bound), [self], at: at)
  }
}
