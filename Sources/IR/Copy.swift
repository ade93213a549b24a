internal import GnomonScalars
package import GnomonTensors

/// The same elements in memory of their own: made by the fusion pass where a view leaves the graph.
package struct Copy: Op {
  package static let mnemonic = "copy"
  package static let summary = "The same elements in memory of their own."
  package init() {}

  package var facts: Facts { Facts(isElementwise: true, isCheap: true, isIdentity: true) }

  package func resultTypes(_ context: inout TypeContext) -> [TensorType] { [context[0]] }
  package func gradient(_ context: GradientContext) -> [Expr?] { context.upstream }
  package func reference(_ operands: [Tensor], _ context: ReferenceContext) -> [Tensor] { operands }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let type = operands[0]
    return .compute([
      Computation(
        axes: type.shape, reads: [Read(0, type.shape.indices.map { .axis($0) })],
        body: .identity(type.dtype))
    ])
  }
}
