import GnomonTensors
import Testing

@Suite struct PhiloxTests {
  @Test(arguments: [
    // Known answers published with the Random123 library of Salmon et al.
    (
      SIMD4<UInt32>(0, 0, 0, 0), SIMD2<UInt32>(0, 0),
      SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
      SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
      SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ])
  func `blocks are those published`(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>, expected: SIMD4<UInt32>
  ) {
    #expect(Philox.block(counter: counter, key: key) == expected)
  }

  @Test(arguments: DType.allCases.filter(\.isFloat))
  func `uniform numbers lie in the interval and have its moments`(_ dtype: DType) {
    let x = Tensor.uniform(dtype, [100, 101], seed: 7).doubles
    #expect(x.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    // 8 bits have their mean at 1/2 - 1/512.
    #expect((mean - 0.5).magnitude < 0.015)
    #expect((variance - 1 / 12.0).magnitude < 0.004)
  }

  @Test func `an element depends on seed and index only`() {
    let long = Tensor.uniform(.float32, [1000], seed: 3)
    let short = Tensor.uniform(.float32, [7], seed: 3)
    #expect(try! long.rows(0..<7).identical(to: short))
    #expect(!Tensor.uniform(.float32, [7], seed: 4).identical(to: short))
    #expect(!Tensor.uniform(.float32, [7], seed: 3 + 1 << 32).identical(to: short))
    // The first element from the known answer of counter 0, key 0.
    let first = Tensor.uniform(.float32, [1], seed: 0).doubles[0]
    #expect(first == Double(0x6627_e8d5 >> 8) * 0x1p-24)
  }

  @Test func `integers cover the interval without its end`() {
    let x = Tensor.uniform(.int32, [2000], low: -3, high: 4, seed: 1).integers
    #expect(Set(x) == Set(-3...3))
  }

  @Test func `normal numbers have mean and deviation`() {
    let x = Tensor.normal(.float64, [20_001], mean: 2, standardDeviation: 3, seed: 5).doubles
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    let inside = x.filter { ($0 - 2).magnitude < 3 }.count
    #expect((mean - 2).magnitude < 0.1)
    #expect((variance.squareRoot() - 3).magnitude < 0.1)
    #expect((Double(inside) / Double(x.count) - 0.6827).magnitude < 0.02)
  }

  @Test func `glorot weights fill their interval`() {
    let w = Tensor.glorotUniform(.float32, [100, 50], seed: 1).doubles
    let limit = (6.0 / 150).squareRoot()
    #expect(w.allSatisfy { $0.magnitude <= limit })
    #expect(w.max() ?? 0 > 0.95 * limit && w.min() ?? 0 < -0.95 * limit)
    let window = Tensor.glorotUniform(.float32, [3, 3, 8, 16], seed: 1).doubles
    #expect((window.max() ?? 0) <= (6.0 / (9 * 24)).squareRoot())
  }

  @Test func `permutations hold every index once and differ by seed`() throws {
    let p = try Tensor.permutation(1000, seed: 9).array(of: Int.self)
    #expect(p.sorted() == Array(0..<1000))
    #expect(p != Array(0..<1000))
    #expect(try p != Tensor.permutation(1000, seed: 10).array(of: Int.self))
    #expect(Tensor.permutation(0, seed: 9).elementCount == 0)
    // All six orders of three occur about equally often.
    var counts: [[Int64]: Int] = [:]
    for seed in 0..<600 {
      counts[Tensor.permutation(3, seed: UInt64(seed)).integers, default: 0] += 1
    }
    #expect(counts.count == 6 && counts.values.allSatisfy { $0 > 60 && $0 < 140 })
  }
}
