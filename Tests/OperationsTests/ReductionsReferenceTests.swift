import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct ReductionsReferenceTests {
  static let overAxes: [String: @Sendable (Expr, [Int], Bool) -> Expr] = [
    "sum": { sum($0, axes: $1, keepDims: $2) }, "product": { product($0, axes: $1, keepDims: $2) },
    "max": { max($0, axes: $1, keepDims: $2) }, "min": { min($0, axes: $1, keepDims: $2) },
    "mean": { mean($0, axes: $1, keepDims: $2) },
    "variance": { variance($0, axes: $1, keepDims: $2) },
    "variance1": { variance($0, axes: $1, ddof: 1, keepDims: $2) },
    "standardDeviation": { standardDeviation($0, axes: $1, keepDims: $2) },
    "logSumExp": { logSumExp($0, axes: $1, keepDims: $2) },
    "any": { any($0, axes: $1, keepDims: $2) }, "all": { all($0, axes: $1, keepDims: $2) },
  ]

  @Test(arguments: overAxes.keys.sorted())
  func `over axes, as NumPy`(name: String) throws {
    let f = try #require(Self.overAxes[name])
    for c in try #require(ReferenceCase.byOp[name]) {
      try c.check { x, c in f(x[0], try c.all("axes"), try c.first("keep") == 1) }
    }
  }

  @Test func `positions, as NumPy`() throws {
    for c in try #require(ReferenceCase.byOp["argmax"]) {
      try c.check { x, c in argmax(x[0], axis: try c.first("axis")) }
    }
    for c in try #require(ReferenceCase.byOp["argmin"]) {
      try c.check { x, c in argmin(x[0], axis: try c.first("axis")) }
    }
  }

  @Test func `all axes by default, negative ones from the end, kept as 1 if asked`() throws {
    let x = Expr.input("x", .float32, ["n", 3, 4])
    #expect(sum(x).shape == [])
    #expect(max(x, axes: -1).shape == ["n", 3])
    #expect(mean(x, axes: 0, -1, keepDims: true).shape == [1, 3, 1])
    #expect(logSumExp(x, axes: [1]).shape == ["n", 4])
    #expect(argmax(x, axis: -1, keepDims: true).type == TensorType(.int64, ["n", 3, 1]))
    let found = try Reference.run(
      [mean(x), variance(x, axes: 0), size(of: x, axis: -3)],
      [(x, Tensor.range(24, .float32).reshaped([2, 3, 4]))])
    #expect(found[0].doubles == [11.5])
    #expect(found[1].doubles == [Double](repeating: 36, count: 12))
    #expect(found[2].doubles == [2])
  }

  @Test func `half floats are averaged in float32`() throws {
    // The sum is beyond the largest half float.
    let x = Expr.input("x", .float16, [4])
    let big = Tensor([60000.0, 60000, 60000, 60000], dtype: .float16)
    #expect(try Reference.run(mean(x), [(x, big)]).doubles == [big.doubles[0]])
  }
}
