public import GnomonIR
package import GnomonTensors

/// The sum of the elements along `axes`, or of all of them.
///
///     sum(x, axes: 1)                    // of each row of a matrix
///
/// - Parameters:
///   - x: a numeric tensor; half floats accumulate in float32, integers wrap.
///   - axes: the axes to sum over; negative ones count from the end. All by default.
///   - keepDims: whether the summed axes stay, with size 1.
/// - Returns: the same dtype. An empty sum is 0.
@_transparent public func sum(_ x: Expr, axes: Int..., keepDims: Bool = false) -> Expr {
  _sum(x, axes.isEmpty ? nil : axes, keepDims, .here())
}

/// The sum of the elements along `axes`.
@_transparent public func sum(_ x: Expr, axes: [Int], keepDims: Bool = false) -> Expr {
  _sum(x, axes, keepDims, .here())
}

@usableFromInline func _sum(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location) -> Expr {
  .reduction(Sum.self, x, axes: axes, keepDims: keepDims, at: at)
}

package struct Sum: ReductionOp {
  package static let mnemonic = "sum"
  package static let summary = "The sum of the elements along axes."
  package static let combiner = Combiner.sum
  package static let hasIdentity = true
  package static let allowed = "a numeric dtype"
  package static func allows(_ dtype: DType) -> Bool { dtype != .bool }

  package var axes: [Int]
  package init(axes: [Int]) { self.axes = axes }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    [c.upstream[0].map { $0.unreduced(axes, to: c.operands[0].shape) }]
  }

  package func reference(_ x: [Double]) -> Double { x.reduce(0, +) }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 { x.reduce(0, &+) }
}

extension Expr {
  /// Repeats a reduction's result along the reduced axes, back to the operand's shape.
  package func unreduced(_ axes: [Int], to shape: [Dim]) -> Expr {
    let at = Location.here()
    var kept = shape
    for axis in axes { kept[axis] = 1 }
    let expanded = kept == self.shape ? self : Expr.make(Reshape(shape: kept), [self], at: at)
    return kept == shape ? expanded : Expr.make(Broadcast(shape: shape), [expanded], at: at)
  }

  /// Undoes a broadcast: sums over the axes along which `shape` was repeated.
  package func summed(to shape: [Dim]) -> Expr {
    if isInvalid || self.shape == shape { return self }
    let at = Location.here()
    let lead = rank - shape.count
    let repeated = (0..<rank).filter { axis in
      axis < lead || (shape[axis - lead] == 1 && self.shape[axis] != 1)
    }
    let total = repeated.isEmpty ? self : Expr.make(Sum(axes: repeated), [self], at: at)
    return total.shape == shape ? total : Expr.make(Reshape(shape: shape), [total], at: at)
  }
}
