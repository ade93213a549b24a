package import GnomonIR
package import GnomonTensors

/// The first operand, after a check that it holds no NaN, and no infinity unless these are allowed.
/// The other operands are those of the op that made it, so that the message can tell what they were.
package struct CheckFinite: Op {
  package static let mnemonic = "check_finite"
  package static let summary = "The first operand, checked to hold finite numbers only."
  package static let constraints = ["the first operand is floating-point"]
  package static let arity = 1...Int.max

  /// The mnemonic of the op that made the first operand.
  package var maker: String
  package var allowsInfinity: Bool

  package init(maker: String, allowsInfinity: Bool) {
    self.maker = maker
    self.allowsInfinity = allowsInfinity
  }

  package var facts: Facts { Facts(canFail: true, isCheckOnly: true) }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard context[0].dtype.isFloat else {
      throw Refusal(
        .dtypeNotSupported, "\(context[0].dtype) holds nothing but finite numbers",
        constraint: "C1")
    }
    return [context[0]]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [c.upstream[0]] + c.operands.dropFirst().map { _ in nil }
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let values = operands[0].doubles
    if let position = values.firstIndex(where: { allowsInfinity ? $0.isNaN : !$0.isFinite }) {
      throw IndexFailure(index: 1, position: Int64(position), bound: 1)
    }
    return [operands[0]]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .check(.isFinite(of: maker, allowsInfinity: allowsInfinity))
  }
}
