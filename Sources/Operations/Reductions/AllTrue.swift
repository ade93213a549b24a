public import GnomonIR
package import GnomonTensors

/// Whether all of the truth values along `axes` hold.
///
/// - Parameters:
///   - x: a bool tensor.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
/// - Returns: bool. For no elements, true.
@_transparent public func all(_ x: Expr, axes: Int..., keepDims: Bool = false) -> Expr {
  _all(x, axes.isEmpty ? nil : axes, keepDims, .here())
}

/// Whether all of the truth values along `axes` hold.
@_transparent public func all(_ x: Expr, axes: [Int], keepDims: Bool = false) -> Expr {
  _all(x, axes, keepDims, .here())
}

@usableFromInline func _all(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location) -> Expr {
  .reduction(AllTrue.self, x, axes: axes, keepDims: keepDims, at: at)
}

package struct AllTrue: ReductionOp {
  package static let mnemonic = "all"
  package static let summary = "Whether all of the truth values along axes hold."
  package static let combiner = Combiner.all
  package static let hasIdentity = true
  package static let allowed = "bool"
  package static func allows(_ dtype: DType) -> Bool { dtype == .bool }

  package var axes: [Int]
  package init(axes: [Int]) { self.axes = axes }

  package func gradient(_ c: GradientContext) -> [Expr?] { [nil] }

  package func reference(_ x: [Double]) -> Double { preconditionFailure("\(mnemonic) of floats") }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 { x.contains(0) ? 0 : 1 }
}
