public import GnomonIR
internal import GnomonScalars
public import GnomonTensors

extension Expr {
  /// The numbers 0, 1, … below `count`.
  ///
  ///     Expr.iota("batch")       // int64 [batch]
  ///
  /// - Parameter dtype: numeric; integers wrap and floats round where they cannot hold a number.
  @_transparent public static func iota(_ count: Dim, _ dtype: DType = .int64) -> Expr {
    _iota(count, dtype, .here())
  }

  @usableFromInline static func _iota(_ count: Dim, _ dtype: DType, _ at: Location) -> Expr {
    .make(Iota(count: count, dtype: dtype), [], at: at)
  }
}

package struct Iota: Op {
  package static let mnemonic = "iota"
  package static let arity = 0...0
  package static let summary = "The numbers from 0 up."
  package static let constraints = ["the count is not negative", "the dtype is numeric"]

  package var count: Dim
  package var dtype: DType
  package init(count: Dim, dtype: DType) {
    self.count = count
    self.dtype = dtype
  }

  package var facts: Facts { Facts(isCheap: true) }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard context.requireOrder(count, atLeast: 0) else {
      throw Refusal(.invalidShape, "the count \(count) is negative", constraint: "C1")
    }
    guard dtype != .bool else {
      throw Refusal(
        .dtypeNotSupported, "not defined for bool; it needs a numeric dtype", constraint: "C2")
    }
    return [TensorType(dtype, [count])]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] { [] }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    [Tensor.range(try context.value(count), .int64).cast(to: dtype)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    var b = ScalarBuilder(operands: [])
    let i = b.convert(b.index(.axis(0)), to: dtype)
    return .compute([Computation(axes: [count], reads: [], body: b.program(results: [i]))])
  }
}
