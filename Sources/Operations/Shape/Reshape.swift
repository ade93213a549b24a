public import GnomonIR
public import GnomonTensors

extension Expr {
  /// The same elements in row-major order under another shape.
  ///
  ///     x.reshaped(["batch", 28 * 28])
  ///     x.reshaped(["batch", -1])        // -1: what is left over
  ///
  /// - Parameter shape: sizes, named or not, with the same product; at most one -1.
  @_transparent public func reshaped(_ shape: [Dim]) -> Expr { _reshaped(shape, .here()) }

  @usableFromInline func _reshaped(_ shape: [Dim], _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    var shape = shape
    let open = shape.indices.filter { shape[$0] == -1 }
    if open.count > 1 {
      return .refused(
        Refusal(.invalidShape, "more than one size is -1"), "reshape", [x], at: at)
    }
    if let axis = open.first {
      let rest = shape.indices.filter { $0 != axis }.reduce(Dim(1)) { $0 * shape[$1] }
      guard rest != 0, let size = x.type.elementCount.exactQuotient(by: rest) else {
        return .refused(
          Refusal(
            .elementCountMismatch,
            "\(x.type.elementCount) elements are not a whole number times \(rest)",
            help: "give the size in place of -1"), "reshape", [x], at: at)
      }
      shape[axis] = size
    }
    return shape == x.shape ? x : .make(Reshape(shape: shape), [x], at: at)
  }
}

package struct Reshape: Op {
  package static let mnemonic = "reshape"
  package static let summary = "The same elements in row-major order under another shape."
  package static let constraints = ["the new shape has as many elements as the old one"]

  package var shape: [Dim]
  package init(shape: [Dim]) { self.shape = shape }

  package var facts: Facts { Facts(isFree: true, isCheap: true) }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let old = context[0].elementCount
    let new = TensorType(context[0].dtype, shape)
    guard context.agree(old, new.elementCount) else {
      throw Refusal(
        .elementCountMismatch,
        "\(old) elements cannot take the shape \(new), which has \(new.elementCount)",
        constraint: "C1", marks: [Refusal.Mark(0)])
    }
    return [new]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [c.upstream[0].map { .make(Reshape(shape: c.operands[0].shape), [$0], at: .here()) }]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    [
      Tensor(
        dtype: operands[0].dtype, shape: Shape(try context.shape()), storage: operands[0].storage)
    ]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering { .reshape }
}
