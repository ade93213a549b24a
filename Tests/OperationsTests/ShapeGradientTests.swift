import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct ShapeGradientTests {
  static let indices = Expr.constant(Tensor([[2, 0], [2, 1]] as [[Int32]]))

  static let functions: [String: @Sendable (Expr) -> Expr] = [
    // Reductions of [3, 4, 2]
    "sum": { sum($0, axes: 1) }, "product": { product($0, axes: 0, 2) },
    "max": { max($0, axes: 1) }, "min": { min($0, axes: [0, 2]) },
    "mean": { mean($0, axes: -1, keepDims: true) }, "variance": { variance($0, axes: 0, 1) },
    "standardDeviation": { standardDeviation($0, axes: 1, ddof: 1) },
    "logSumExp": { logSumExp($0, axes: 1) },
    // Shape
    "transposed": { $0.transposed() }, "permuted": { $0.permuted(1, 2, 0) },
    "reshaped": { $0.reshaped([4, -1]) }, "broadcast": { $0[0, 0].broadcast(to: [5, 2]) },
    "expanded": { $0.expanded(axis: 1) }, "flattened": { $0.flattened() },
    "concatenate": { concatenate([$0, square($0), $0[.all, 1...]], axis: 1) },
    "stack": { stack([$0, exp($0)], axis: -1) },
    "slice": { $0[1..., .range(from: 3, by: -2), -1] }, "flipped": { $0.flipped(axes: 0, -1) },
    "padded": { $0.padded([(1, 0), (0, 2), (1, 1)], value: 3) },
    "split": { $0.split(parts: 2, axis: 1)[1] }, "tiled": { $0.tiled([2, 1, 3]) },
    "repeated": { $0.repeated(3, axis: 1) }, "tril": { tril($0) },
    "triu": { triu($0, diagonal: 1) },
    // Indexing
    "take": { take($0, indices, axis: 1) },
    "takeAlongAxis": {
      takeAlongAxis(
        $0, Expr.constant(Tensor([[[1], [0], [1], [1]]] as [[[Int]]])).broadcast(to: [3, 4, 1]),
        axis: 2)
    },
    "takeAlongAxis, repeated indices": {
      takeAlongAxis(
        $0[.all, .all, 0], indices[.all, 0].expanded(axis: 0).broadcast(to: [3, 2]), axis: 1)
    },
    "scatterAdd": { scatterAdd($0, indices.flattened(), exp($0), axis: 1) },
  ]

  @Test(arguments: functions.keys.sorted())
  func `against difference quotients`(name: String) throws {
    let f = try #require(Self.functions[name])
    try expectGradient([sample([3, 4, 2], seed: 11)]) { x in
      let y = f(x[0])
      return sum(sin(y + 0.3) * y)
    }
  }

  /// The derivative of `f` at a vector.
  private func slopes(_ points: [Double], _ f: (Expr) -> Expr) throws -> [Double] {
    let x = Expr.input("x", .float64, ["n"])
    return try Reference.run(gradient(of: f(x), withRespectTo: x), [(x, Tensor(points))]).doubles
  }

  @Test func `ties of max and min share the derivative`() throws {
    #expect(try slopes([3, 1, 3]) { max($0) } == [0.5, 0, 0.5])
    #expect(try slopes([1, 1, 1, 4]) { 3 * min($0) } == [1, 1, 1, 0])
  }

  @Test func `the derivative of a product is right where elements are 0`() throws {
    #expect(try slopes([2, 3, 4]) { product($0) } == [12, 8, 6])
    #expect(try slopes([2, 0, 4]) { product($0) } == [0, 8, 0])
    #expect(try slopes([0, 3, 0]) { product($0) } == [0, 0, 0])
  }

  @Test func `named sizes pass through derivatives`() throws {
    let x = Expr.input("x", .float64, ["n", "m"])
    let y =
      sum(square(mean(x[1..., .range(by: 2)], axes: 0)))
      + sum(logSumExp(x, axes: 1) * x[.all, 0])
    let tensor = sample([4, 3], seed: 2)
    let d = try Reference.run(gradient(of: y, withRespectTo: x), [(x, tensor)])
    try expectGradient([tensor]) { z in
      sum(square(mean(z[0][1..., .range(by: 2)], axes: 0)))
        + sum(logSumExp(z[0], axes: 1) * z[0][.all, 0])
    }
    #expect(Array(d.shape) == [4, 3])
  }

  @Test func `logSumExp of infinite rows`() throws {
    #expect(try slopes([1000, 1000]) { logSumExp($0) } == [0.5, 0.5])
    #expect(try slopes([-.infinity, 0]) { logSumExp($0) } == [0, 1])
  }
}
