public import GnomonIR
package import GnomonTensors

/// Whether at least one of the truth values along `axes` holds.
///
/// - Parameters:
///   - x: a bool tensor.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
/// - Returns: bool. For no elements, false.
@_transparent public func any(_ x: Expr, axes: Int..., keepDims: Bool = false) -> Expr {
  _any(x, axes.isEmpty ? nil : axes, keepDims, .here())
}

/// Whether at least one of the truth values along `axes` holds.
@_transparent public func any(_ x: Expr, axes: [Int], keepDims: Bool = false) -> Expr {
  _any(x, axes, keepDims, .here())
}

@usableFromInline func _any(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location) -> Expr {
  .reduction(AnyTrue.self, x, axes: axes, keepDims: keepDims, at: at)
}

package struct AnyTrue: ReductionOp {
  package static let mnemonic = "any"
  package static let summary = "Whether at least one of the truth values along axes holds."
  package static let combiner = Combiner.any
  package static let hasIdentity = true
  package static let allowed = "bool"
  package static func allows(_ dtype: DType) -> Bool { dtype == .bool }

  package var axes: [Int]
  package init(axes: [Int]) { self.axes = axes }

  package func gradient(_ c: GradientContext) -> [Expr?] { [nil] }

  package func reference(_ x: [Double]) -> Double { preconditionFailure("\(mnemonic) of floats") }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 { x.contains(1) ? 1 : 0 }
}
