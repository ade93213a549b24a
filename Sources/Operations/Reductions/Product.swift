public import GnomonIR
package import GnomonTensors

/// The product of the elements along `axes`, or of all of them.
///
/// The derivative is right where elements are 0 too.
///
/// - Parameters:
///   - x: a numeric tensor; half floats accumulate in float32, integers wrap.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
/// - Returns: the same dtype. An empty product is 1.
@_transparent public func product(_ x: Expr, axes: Int..., keepDims: Bool = false) -> Expr {
  _product(x, axes.isEmpty ? nil : axes, keepDims, .here())
}

/// The product of the elements along `axes`, or of all of them.
@_transparent public func product(_ x: Expr, axes: [Int], keepDims: Bool = false) -> Expr {
  _product(x, axes, keepDims, .here())
}

@usableFromInline func _product(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location) -> Expr
{
  .reduction(Product.self, x, axes: axes, keepDims: keepDims, at: at)
}

package struct Product: ReductionOp {
  package static let mnemonic = "product"
  package static let summary = "The product of the elements along axes."
  package static let combiner = Combiner.product
  package static let hasIdentity = true
  package static let allowed = "a numeric dtype"
  package static func allows(_ dtype: DType) -> Bool { dtype != .bool }

  package var axes: [Int]
  package init(axes: [Int]) { self.axes = axes }

  // The derivative with respect to an element is the product of the others. Without zeros that is
  // the result divided by the element; with one zero, the others matter for it alone; with more, for none.
  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil] }
    let x = c.operands[0]
    let shape = x.shape
    let isZero = x .== 0
    let safe = select(isZero, 1, x)
    let zeros = sum(isZero.cast(to: x.dtype), axes: axes)
    let others = product(safe, axes: axes)
    let atZero = (g * select(zeros .== 1, others, 0)).unreduced(axes, to: shape)
    let elsewhere = (g * select(zeros .== 0, others, 0)).unreduced(axes, to: shape) / safe
    return [select(isZero, atZero, elsewhere)]
  }

  package func reference(_ x: [Double]) -> Double { x.reduce(1, *) }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 { x.reduce(1, &*) }
}
