import GnomonLayers
import Testing

@Suite(.seeded) struct PenaltyTests {
  @Test(arguments: [
    Named<any Regularizer>("l1", "", .l1(0.1)), Named("l2", "", .l2(0.2)),
    Named("l1l2", "", .l1l2(l1: 0.1, l2: 0.2)), Named("rows", "", .orthogonal(factor: 0.3)),
    Named("columns", "", .orthogonal(factor: 0.3, mode: .columns)),
  ]) func `a regularizer has Keras' penalty`(row: Named<any Regularizer>) throws {
    let w = Expr.constant(try Keras.array("penalty/w"))
    try Keras.expect(evaluate(row.value(w)), "penalty/\(row.name)")
  }

  @Test(arguments: [
    Named<any Constraint>("max", "", .maxNorm(1.5)),
    Named("max/rows", "", .maxNorm(1.5, axes: [1])), Named("nonneg", "", .nonNegative),
    Named("unit", "", .unitNorm()),
    Named("minmax", "", .minMaxNorm(minimum: 0.5, maximum: 1.5, rate: 0.7)),
  ]) func `a constraint gives Keras' weight`(row: Named<any Constraint>) throws {
    let w = Expr.constant(try Keras.array("penalty/w"))
    try Keras.expect(evaluate(row.value(w)), "constraint/\(row.name)")
  }
}
