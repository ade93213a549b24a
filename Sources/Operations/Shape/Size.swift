public import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// The size of an axis as a value: an int64 scalar, known when the function is called.
///
///     sum(x, axes: 0) / size(of: x, axis: 0).cast(to: .float32)
///
/// - Parameter axis: a negative one counts from the end.
@_transparent public func size(of x: Expr, axis: Int) -> Expr { _size(x, axis, .here()) }

@usableFromInline func _size(_ x: Expr, _ axis: Int, _ at: Location) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  do {
    return .make(Size(x.shape[try normalizedAxes([axis], rank: x.rank)[0]]), [], at: at)
  } catch {
    return .refused(error, "size", [x], at: at)
  }
}

package struct Size: Op {
  package static let mnemonic = "size"
  package static let arity = 0...0
  package static let summary = "A size as an int64 scalar."

  package var size: Dim
  package init(_ size: Dim) { self.size = size }

  package var facts: Facts { Facts(isCheap: true) }

  package func resultTypes(_ context: inout TypeContext) -> [TensorType] {
    [TensorType(.int64, [])]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] { [] }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    [Tensor(dtype: .int64, shape: [], integers: [Int64(try context.value(size))])]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    var b = ScalarBuilder(operands: [])
    let n = b.index(size)
    return .compute([Computation(axes: [], reads: [], body: b.program(results: [n]))])
  }
}
