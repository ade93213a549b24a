import GnomonLayers
import Testing

@Suite(.seeded) struct InitializerTests {
  private struct Moments {
    let mean: Double
    let variance: Double
    let largest: Double

    init(_ tensor: Tensor) {
      let x = tensor.doubles
      let mean = x.reduce(0, +) / Double(x.count)
      self.mean = mean
      variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
      largest = x.map(\.magnitude).max() ?? 0
    }
  }

  // 60,000 draws: the mean of each distribution below stays within 5 standard errors of 0, its variance
  // within 5 of its own, with probability 1 - 2e-6 for a seed; the seed is fixed.
  private static let shape = [3, 4, 50, 100]
  private static let inputs = 600.0
  private static let outputs = 1200.0

  @Test(arguments: [
    Named<any Initializer>("uniform", "\(6 / (inputs + outputs))", .glorotUniform),
    Named("truncated", "\(2 / (inputs + outputs))", .glorotNormal),
    Named("uniform", "\(6 / inputs)", .heUniform), Named("truncated", "\(2 / inputs)", .heNormal),
    Named("uniform", "\(3 / inputs)", .lecunUniform),
    Named("truncated", "\(1 / inputs)", .lecunNormal),
    Named("normal", "0.0025", .randomNormal), Named("uniform", "0.0025", .randomUniform),
    Named("cut", "0.0025", .truncatedNormal),
    Named(
      "normal", "\(3 / outputs)",
      .varianceScaling(scale: 3, mode: .fanOut, distribution: .untruncatedNormal)),
  ]) func `random weights have the distribution's moments and bounds`(
    row: Named<any Initializer>
  ) throws {
    let found = Moments(try row.value(shape: Self.shape, dtype: .float32, seed: 3))
    let parameter = try #require(Double(row.kind))
    let n = Double(Self.shape.reduce(1, *))
    let variance: Double
    let bound: Double
    switch row.name {
    case "uniform":  // the parameter is the square of the bound
      variance = parameter / 3
      bound = parameter.squareRoot()
    case "truncated":  // the variance after the cut
      variance = parameter
      bound = 2 * parameter.squareRoot() / 0.8796256610342398
    case "cut":  // the variance before the cut
      variance = parameter * 0.8796256610342398 * 0.8796256610342398
      bound = 2 * parameter.squareRoot()
    default:
      variance = parameter
      bound = 6 * parameter.squareRoot()
    }
    #expect(found.mean.magnitude < 5 * (variance / n).squareRoot())
    // The variance of a square is at most twice the square of the variance for all of these.
    #expect((found.variance / variance - 1).magnitude < 5 * (2 / n).squareRoot())
    #expect(found.largest <= bound * 1.000001)
    #expect(found.largest > bound * (row.name == "normal" ? 0.55 : 0.99))
  }

  @Test func `orthogonal weights have orthonormal rows or columns, times the gain`() throws {
    for shape in [[20, 8], [8, 20], [2, 3, 5]] {
      let w = try Orthogonal(gain: 2)(shape: shape, dtype: .float64, seed: 1)
      let rows = shape.dropLast().reduce(1, *)
      let m = Expr.constant(try w.reshaped([rows, shape[shape.count - 1]]))
      let isWide = rows < shape[shape.count - 1]
      let product = isWide ? matmul(m, m.transposed()) : matmul(m.transposed(), m)
      let side = Swift.min(rows, shape[shape.count - 1])
      let wanted = Tensor.eye(side, .float64).doubles.map { $0 * 4 }
      #expect(zip(try evaluate(product).doubles, wanted).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }

  @Test func `the same seed gives the same weights, and a seed of one's own goes before`() throws {
    let shape = [7, 9]
    let own = RandomNormal(seed: 5)
    let a = try own(shape: shape, dtype: .float32, seed: 1)
    #expect(try own(shape: shape, dtype: .float32, seed: 2).identical(to: a))
    let b = try TruncatedNormal()(shape: shape, dtype: .float32, seed: 1)
    #expect(try !TruncatedNormal()(shape: shape, dtype: .float32, seed: 2).identical(to: b))
    #expect(try TruncatedNormal()(shape: shape, dtype: .float32, seed: 1).identical(to: b))
  }

  @Test func `constants and the identity`() throws {
    #expect(try Constant(2.5)(shape: [2], dtype: .float32, seed: 0).doubles == [2.5, 2.5])
    let eye = try IdentityMatrix(gain: 3)(shape: [2, 3], dtype: .float32, seed: 0)
    #expect(eye.doubles == [3, 0, 0, 0, 3, 0])
    #expect(throws: TensorError.self) {
      try IdentityMatrix()(shape: [2], dtype: .float32, seed: 0)
    }
    #expect(throws: TensorError.self) { try Orthogonal()(shape: [2], dtype: .float32, seed: 0) }
  }
}
