public import GnomonIR
package import GnomonScalars
package import GnomonTensors

/// Elements of `x` where the condition holds, elsewhere those of `y`; all three broadcast.
///
///     select(x .> 0, x, 0.01 * x)
///
/// Both values are computed everywhere (`branch` computes only one). The derivative that reaches the
/// value not chosen is 0, whatever comes from above. What made that value may still turn the 0 into
/// NaN, as `sqrt` does at 0, where its slope is infinite: keep its operand in range with a `select` or
/// `maximum` of its own.
///
/// - Parameters:
///   - condition: a bool tensor.
///   - x: any tensor.
///   - y: the same dtype as `x`.
@_transparent public func select(_ condition: Expr, _ x: Expr, _ y: Expr) -> Expr {
  _select(condition, x, y, .here())
}

@usableFromInline func _select(_ condition: Expr, _ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  .make(Select(), [condition, x, y], at: at)
}

package struct Select: ElementwiseOp, LiteralTyping {
  package static let mnemonic = "select"
  package static let arity = 3...3
  package static let summary = "Elements of one of two tensors, by a condition."
  package static let constraints = [
    "the second and third operands have the same dtype",
    "the first operand is bool",
    "the shapes broadcast: aligned at the last axis, each pair of sizes is equal or one of them is 1",
  ]
  package init() {}

  package func dtypeOfLiterals(_ known: [TensorType?]) -> DType? {
    known[1]?.dtype ?? known[2]?.dtype ?? .float32
  }

  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    guard dtypes[0] == .bool else {
      throw Refusal(
        .dtypeNotSupported, "the condition is \(dtypes[0]), not bool", constraint: "C2",
        marks: [Refusal.Mark(0)], help: "compare first, for example {0} .!= 0")
    }
    guard dtypes[1] == dtypes[2] else {
      throw Refusal(
        .dtypeMismatch, "the values have different dtypes: \(dtypes[1]) and \(dtypes[2])",
        constraint: "C1", marks: [Refusal.Mark(1), Refusal.Mark(2)],
        help: "cast one of them: {2}.cast(to: .\(dtypes[1]))")
    }
    return dtypes[1]
  }

  // Selected, never multiplied by a mask: NaN times 0 is NaN.
  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil, nil] }
    return [
      nil, select(c.operands[0], g, 0).summed(to: c.operands[1].shape),
      select(c.operands[0], 0, g).summed(to: c.operands[2].shape),
    ]
  }

  package func reference(_ x: [Double]) -> Double { x[0] != 0 ? x[1] : x[2] }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 { x[0] != 0 ? x[1] : x[2] }

  package func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value {
    b.select(x[0], x[1], x[2])
  }
}
