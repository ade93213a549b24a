public import GnomonIR
package import GnomonTensors

/// The largest of the elements along `axes`, or of all of them.
///
/// NaN if one of them is NaN. The derivative is shared equally among the elements that are largest.
///
/// - Parameters:
///   - x: a numeric tensor; the reduced axes must not be empty.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
/// - Returns: the same dtype.
@_transparent public func max(_ x: Expr, axes: Int..., keepDims: Bool = false) -> Expr {
  _max(x, axes.isEmpty ? nil : axes, keepDims, .here())
}

/// The largest of the elements along `axes`, or of all of them.
@_transparent public func max(_ x: Expr, axes: [Int], keepDims: Bool = false) -> Expr {
  _max(x, axes, keepDims, .here())
}

@usableFromInline func _max(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location) -> Expr {
  .reduction(Max.self, x, axes: axes, keepDims: keepDims, at: at)
}

package struct Max: ReductionOp {
  package static let mnemonic = "max"
  package static let summary = "The largest of the elements along axes; NaN if one is NaN."
  package static let combiner = Combiner.maximum
  package static let hasIdentity = false
  package static let allowed = "a numeric dtype"
  package static func allows(_ dtype: DType) -> Bool { dtype != .bool }

  package var axes: [Int]
  package init(axes: [Int]) { self.axes = axes }

  // Shared equally among ties, so that the order of the elements does not matter.
  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil] }
    let x = c.operands[0]
    let extremal = x .== c.results[0].unreduced(axes, to: x.shape)
    let share = g / sum(extremal.cast(to: x.dtype), axes: axes)
    return [select(extremal, share.unreduced(axes, to: x.shape), 0)]
  }

  package func reference(_ x: [Double]) -> Double {
    x.dropFirst().reduce(x[0]) { Maximum().reference($0, $1) }
  }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 {
    x.dropFirst().reduce(x[0]) { Maximum().reference($0, $1, dtype) }
  }
}
