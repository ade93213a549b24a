import Foundation
import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct RandomTests {
  let key = RandomKey(seed: 0x1234_5678_9ABC_DEF0)

  @Test func `float32 numbers are those of Tensor.uniform`() throws {
    let drawn = try Reference.run(uniform(key: key, shape: [3, 7]))
    #expect(drawn.identical(to: .uniform(.float32, [3, 7], seed: 0x1234_5678_9ABC_DEF0)))
  }

  @Test func `the published vector of Philox 4x32-10`() throws {
    // Counter and key of zeros, from the Random123 distribution.
    let words = Expr.make(RandomBits(shape: [4]), [RandomKey(seed: 0).expr], at: .unknown)
    #expect(
      try Reference.run(words).integers == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
  }

  @Test func `the lowering draws the same words`() throws {
    let state = Expr.input("key", .uint32, [2])
    let words = [("n", 0), ("n", 7), ("n", -1)].map {
      Expr.make(RandomBits(shape: [Dim(named: $0), 5], stream: $1), [state], at: .unknown)
    }
    let n = Expr.input("x", .float32, ["n"])
    try expectLowerings(
      of: words,
      [(state, RandomKey.words(seed: 0xFEDC_BA98_7654_3210)), (n, .zeros(.float32, [9]))],
      only: ["random_bits"])
  }

  @Test func `keys fold to different draws, one key gives one draw`() throws {
    let keys =
      [key] + key.split(4) + [key.folded(-1), key.folded(0).folded(0), key.folded(0).folded(1)]
    let draws = try Reference.run(keys.map { uniform(key: $0, shape: [16]) })
    #expect(Set(draws.map(\.doubles)).count == keys.count)
    #expect(try Reference.run(uniform(key: key, shape: [16])).identical(to: draws[0]))
    #expect(
      try Reference.run(uniform(key: key.folded(2), shape: [16])).identical(to: draws[3]))
  }

  @Test(arguments: [DType.bfloat16, .float16, .float32, .float64])
  func `uniform numbers fill the interval without reaching its end`(dtype: DType) throws {
    let x = try Reference.run(uniform(key: key, shape: [20_000], dtype: dtype)).doubles
    #expect(x.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect((x.reduce(0, +) / 20_000 - 0.5).magnitude < 0.01)
    // Each quarter has its share: 5000 ± 5 standard deviations.
    for q in 0..<4 { #expect((x.count { Int($0 * 4) == q } - 5000).magnitude < 310) }
    let wide = try Reference.run(uniform(key: key, shape: [1000], dtype: dtype, low: -2, high: 3))
    #expect(wide.doubles.allSatisfy { $0 >= -2 && $0 <= 3 } && wide.doubles.contains { $0 < -1.5 })
  }

  @Test func `bernoulli holds its probability, at the ends too`() throws {
    func share(_ p: Expr) throws -> Double {
      try Reference.run(bernoulli(key: key, probability: p, shape: [20_000])).doubles.reduce(0, +)
        / 20_000
    }
    #expect(try (share(0.3) - 0.3).magnitude < 0.02)
    #expect(try share(0) == 0)
    #expect(try share(1) == 1)
    #expect(try share(.constant(Tensor(Double.nan))) == 0)
  }

  @Test func `normal numbers have mean and deviation`() throws {
    let x = try Reference.run(
      normal(key: key, shape: [20_000], mean: 3, standardDeviation: 2)
    ).doubles
    let mean = x.reduce(0, +) / 20_000
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect((mean - 3).magnitude < 0.08)
    #expect((variance - 4).magnitude < 0.2)
    // 68.27 % within one deviation.
    #expect((Double(x.count { ($0 - 3).magnitude < 2 }) / 20_000 - 0.6827).magnitude < 0.02)
    #expect(x.allSatisfy { $0.isFinite })
  }

  @Test func `dropout scales what stays, and its gradient is the same mask`() throws {
    let x = Expr.input("x", .float64, [1000])
    let y = dropout(x, rate: 0.25, key: key)
    let d = gradient(of: sum(y), withRespectTo: x)
    let ones = Tensor.ones(.float64, [1000])
    let found = try Reference.run([y, d], [(x, ones)]).map(\.doubles)
    #expect(found[0] == found[1])
    #expect(Set(found[0]) == [0, 1 / 0.75])
    #expect((found[0].count { $0 == 0 } - 250).magnitude < 70)
    #expect(dropout(x, rate: 0, key: key).id == x.id)
  }

  @Test func `a key in a variable moves on`() throws {
    let state = Expr.variable("key", RandomKey.words(seed: 42))
    let next = RandomKey(state).folded(0)
    #expect(next.expr.type == state.type)
    let found = try Reference.run([
      uniform(key: RandomKey(state), shape: [4]), uniform(key: next, shape: [4]),
    ])
    #expect(found[0].identical(to: .uniform(.float32, [4], seed: 42)))
    #expect(!found[0].identical(to: found[1]))
  }

  @Test func `mistakes in draws`() throws {
    let wrong = RandomKey(.input("key", .int32, [2]))
    #expect(try diagnostic(of: uniform(key: wrong, shape: [4])).code == .dtypeMismatch)
    #expect(
      try diagnostic(of: uniform(key: key, shape: [4], dtype: .int32)).code == .dtypeNotSupported)
    #expect(
      try diagnostic(of: uniform(key: key, shape: [4], low: 1, high: 0)).code == .invalidAttribute)
    #expect(try diagnostic(of: uniform(key: key, shape: [-4])).code == .invalidShape)
    let x = Expr.input("x", .float32, [4])
    #expect(try diagnostic(of: dropout(x, rate: 1, key: key)).code == .invalidAttribute)
    #expect(
      try diagnostic(of: normal(key: key, shape: [4], dtype: .int32)).code == .dtypeNotSupported)
  }
}
