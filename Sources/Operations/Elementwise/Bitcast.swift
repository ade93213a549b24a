public import GnomonIR
internal import GnomonScalars
public import GnomonTensors

extension Expr {
  /// The same bits, read as another dtype of the same size.
  ///
  ///     x.bitcast(to: .uint32)      // the pattern of a float32
  ///
  /// - Parameter dtype: not bool. No derivative passes.
  @_transparent public func bitcast(to dtype: DType) -> Expr { _bitcast(dtype, .here()) }

  @usableFromInline func _bitcast(_ dtype: DType, _ at: Location) -> Expr {
    let x = settled()
    return !x.isInvalid && x.dtype == dtype ? x : .make(Bitcast(to: dtype), [x], at: at)
  }
}

package struct Bitcast: Op {
  package static let mnemonic = "bitcast"
  package static let summary = "The same bits as another dtype of the same size."
  package static let constraints = [
    "neither dtype is bool, and both have the same size"
  ]

  package var to: DType
  package init(to: DType) { self.to = to }

  package var facts: Facts { Facts(isElementwise: true, isCheap: true) }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let from = context[0].dtype
    guard from != .bool, to != .bool, from.byteCount == to.byteCount else {
      throw Refusal(
        .dtypeNotSupported, "the bits of \(from) are not those of a \(to)", constraint: "C1",
        help: "for the value as another dtype: {0}.cast(to: .\(to))")
    }
    return [TensorType(to, context[0].shape)]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] { [nil] }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let width = UInt64(to.byteCount * 8)
    let mask = width == 64 ? UInt64.max : (1 << width) - 1
    return [Tensor(dtype: to, shape: operands[0].shape, bits: operands[0].bits.map { $0 & mask })]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    var b = ScalarBuilder(operands: [operands[0].dtype])
    let y = b.reinterpret(b.operand(0), as: to)
    return .compute([
      Computation(
        axes: results[0].shape, reads: [Read(0, results[0].shape.indices.map { .axis($0) })],
        body: b.program(results: [y]))
    ])
  }
}
