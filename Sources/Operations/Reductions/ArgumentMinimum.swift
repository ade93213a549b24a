public import GnomonIR
package import GnomonTensors

/// The position of the first smallest element along `axis`.
///
/// A NaN counts as smallest, as in NumPy.
///
/// - Parameters:
///   - x: a numeric tensor.
///   - axis: the axis to search, not empty; a negative one counts from the end.
///   - keepDims: whether the axis stays, with size 1.
/// - Returns: int64.
@_transparent public func argmin(_ x: Expr, axis: Int, keepDims: Bool = false) -> Expr {
  _argmin(x, axis, keepDims, .here())
}

@usableFromInline func _argmin(_ x: Expr, _ axis: Int, _ keepDims: Bool, _ at: Location) -> Expr {
  .position(ArgumentMinimum.self, x, axis: axis, keepDims: keepDims, at: at)
}

package struct ArgumentMinimum: PositionOp {
  package static let mnemonic = "argmin"
  package static let summary = "The position of the first smallest element along an axis."
  package static let combiner = Combiner.argumentMinimum

  package var axis: Int
  package init(axis: Int) { self.axis = axis }

  package func beats(_ x: Double, _ best: Double) -> Bool { x < best }
  package func beats(_ x: Int64, _ best: Int64, _ dtype: DType) -> Bool {
    precedes(x, best, dtype)
  }
}
