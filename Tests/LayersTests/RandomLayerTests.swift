import GnomonLayers
import Testing

@Suite(.seeded) struct RandomLayerTests {
  private let x = Expr.input("x", .float32, ["batch", 50, 8])
  private let ones = Tensor.ones(.float32, [20, 50, 8])

  /// What a layer makes of ones in training.
  private func trained(_ layer: Layer) throws -> Tensor {
    try compile(inputs: [x], outputs: [layer(x)], options: CompileOptions(training: true))(ones)
  }

  private func moments(_ t: Tensor) -> (mean: Double, deviation: Double) {
    let all = t.doubles
    let mean = all.reduce(0, +) / Double(all.count)
    let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)
    return (mean, variance.squareRoot())
  }

  // 8,000 draws: five standard errors of a mean are 0.056 of the deviation.

  @Test func `noise has the deviation that was asked for`() throws {
    let (mean, deviation) = moments(try trained(GaussianNoise(0.3, seed: 1)))
    #expect(abs(mean - 1) < 0.3 * 0.056)
    #expect(abs(deviation - 0.3) < 0.3 * 0.05)
  }

  @Test func `gaussian dropout multiplies by noise of the rate's deviation`() throws {
    let (mean, deviation) = moments(try trained(GaussianDropout(0.2, seed: 1)))
    #expect(abs(mean - 1) < 0.5 * 0.056)
    #expect(abs(deviation - 0.5) < 0.5 * 0.05)
  }

  @Test func `alpha dropout gives two values in the rate's proportion`() throws {
    let values = try trained(AlphaDropout(0.25, seed: 1)).doubles
    let kinds = Dictionary(grouping: values, by: { $0 }).mapValues(\.count)
    #expect(kinds.count == 2)
    let dropped = Double(kinds.values.min()!) / Double(values.count)
    #expect(abs(dropped - 0.25) < 0.025)
  }

  @Test func `spatial dropout drops whole channels`() throws {
    let values = try trained(SpatialDropout1D(0.5, seed: 1)).doubles
    for example in 0..<20 {
      for channel in 0..<8 {
        let line = Set((0..<50).map { values[(example * 50 + $0) * 8 + channel] })
        #expect(line.count == 1)
      }
    }
    #expect(Set(values) == [0, 2])
  }

  @Test func `two calls of a layer and two steps draw different numbers`() throws {
    let layer = Dropout(0.5, seed: 1)
    let model = Model(inputs: x, outputs: [layer(x), layer(x)])
    let step = try compile(
      inputs: [x], outputs: model.outputs,
      updates: model.stateUpdates(training: true).map { ($0.variable, $0.becomes) },
      options: CompileOptions(training: true))
    let first = try step.outputs([ones])
    let second = try step.outputs([ones])
    #expect(!first[0].identical(to: first[1]))
    #expect(!first[0].identical(to: second[0]))
  }

  @Test func `spectral normalization makes the largest singular value 1`() throws {
    let input = Expr.input("x", .float32, ["n", 6])
    let layer = SpectralNormalization(Dense(4, useBias: false), powerIterations: 60)
    let y = layer(input)
    // The columns of the identity give the rows of the kernel in use.
    let kernel = try evaluate(y, [input: .eye(6)])
    let k = Expr.input("k", .float32, [6, 4])
    var v = Tensor.normal(.float32, [4, 1], seed: 2)
    let u = Expr.input("v", .float32, [4, 1])
    let next = matmul(k.transposed(), matmul(k, u))
    let power = try compile(inputs: [k, u], outputs: [next / sqrt(sum(square(next)))])
    for _ in 0..<200 { v = try power(kernel, v) }
    let length = try evaluate(sqrt(sum(square(matmul(k, u)))), [k: kernel, u: v]).item()
    #expect(abs(length - 1) < 1e-3)
  }
}
