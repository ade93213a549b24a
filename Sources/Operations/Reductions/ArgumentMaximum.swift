public import GnomonIR
package import GnomonTensors

/// The position of the first largest element along `axis`.
///
/// A NaN counts as largest, as in NumPy.
///
/// - Parameters:
///   - x: a numeric tensor.
///   - axis: the axis to search, not empty; a negative one counts from the end.
///   - keepDims: whether the axis stays, with size 1.
/// - Returns: int64.
@_transparent public func argmax(_ x: Expr, axis: Int, keepDims: Bool = false) -> Expr {
  _argmax(x, axis, keepDims, .here())
}

@usableFromInline func _argmax(_ x: Expr, _ axis: Int, _ keepDims: Bool, _ at: Location) -> Expr {
  .position(ArgumentMaximum.self, x, axis: axis, keepDims: keepDims, at: at)
}

package struct ArgumentMaximum: PositionOp {
  package static let mnemonic = "argmax"
  package static let summary = "The position of the first largest element along an axis."
  package static let combiner = Combiner.argumentMaximum

  package var axis: Int
  package init(axis: Int) { self.axis = axis }

  package func beats(_ x: Double, _ best: Double) -> Bool { x > best }
  package func beats(_ x: Int64, _ best: Int64, _ dtype: DType) -> Bool {
    precedes(best, x, dtype)
  }
}
