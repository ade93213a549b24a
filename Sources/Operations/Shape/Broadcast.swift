public import GnomonIR
public import GnomonTensors

extension Expr {
  /// The tensor repeated to a larger shape, aligned at the last axes.
  ///
  ///     bias.broadcast(to: ["batch", 10])
  ///
  /// - Parameter shape: each axis of the tensor has the same size or is 1.
  @_transparent public func broadcast(to shape: [Dim]) -> Expr { _broadcast(shape, .here()) }

  @usableFromInline func _broadcast(_ shape: [Dim], _ at: Location) -> Expr {
    let x = settled()
    return x.isInvalid || x.shape == shape ? x : .make(Broadcast(shape: shape), [x], at: at)
  }
}

package struct Broadcast: Op {
  package static let mnemonic = "broadcast"
  package static let summary = "A tensor repeated to a larger shape, aligned at the last axes."
  package static let constraints = [
    "the new rank is at least the old one",
    "each axis, aligned at the last, has the new size or is 1",
  ]

  package var shape: [Dim]
  package init(shape: [Dim]) { self.shape = shape }

  package var facts: Facts { Facts(isFree: true, isCheap: true) }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let old = context[0].shape
    guard shape.count >= old.count else {
      throw Refusal(
        .rankMismatch, "rank \(old.count) cannot become rank \(shape.count)", constraint: "C1")
    }
    let lead = shape.count - old.count
    for axis in old.indices where old[axis] != 1 {
      guard context.agree(old[axis], shape[lead + axis]) else {
        throw Refusal(
          .broadcastMismatch,
          "axis \(axis) of size \(old[axis]) cannot become \(shape[lead + axis])",
          constraint: "C2", marks: [Refusal.Mark(0, [axis])])
      }
    }
    return [TensorType(context[0].dtype, shape)]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [c.upstream[0].map { $0.summed(to: c.operands[0].shape) }]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = try context.shape()
    let walk = BroadcastWalk(from: Array(operands[0].shape), to: shape)
    let bits = operands[0].bits
    return [
      Tensor(
        dtype: operands[0].dtype, shape: Shape(shape),
        bits: (0..<shape.reduce(1, *)).map { bits[walk.source($0)] })
    ]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .view(IndexMap(broadcastIndices(operands[0].shape, results[0].shape)))
  }
}
