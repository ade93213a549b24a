public import GnomonIR
package import GnomonTensors

/// The tensor itself, through which no derivative passes.
@_transparent public func stopGradient(_ x: Expr) -> Expr { _stopGradient(x, .here()) }

@usableFromInline func _stopGradient(_ x: Expr, _ at: Location) -> Expr {
  .make(StopGradient(), [x], at: at)
}

package struct StopGradient: Op {
  package static let mnemonic = "stop_gradient"
  package static let summary = "The operand, through which no derivative passes."
  package init() {}

  package var facts: Facts { Facts(isFree: true, isCheap: true, isIdentity: true) }

  package func resultTypes(_ context: inout TypeContext) -> [TensorType] { [context[0]] }

  package func gradient(_ c: GradientContext) -> [Expr?] { [nil] }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) -> [Tensor] {
    operands
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .view(IndexMap(operands[0].shape.indices.map { .axis($0) }))
  }
}
