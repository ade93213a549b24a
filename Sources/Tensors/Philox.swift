/// Philox 4x32-10, a counter-based random generator: a block of four random words is a function of
/// a 128-bit counter and a 64-bit key, so any part of a stream can be drawn by any thread.
///
/// Salmon, Moraes, Dror, Shaw: *Parallel Random Numbers: As Easy as 1, 2, 3* (2011).
package enum Philox {
  /// The four random words of the block at `counter`.
  package static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for round in 0..<10 {
      // The key advances by the golden ratio and by sqrt(3) - 1 before each round but the first.
      if round > 0 { k = SIMD2(k.x &+ 0x9E37_79B9, k.y &+ 0xBB67_AE85) }
      let a = UInt64(0xD251_1F53) * UInt64(c.x)
      let b = UInt64(0xCD9E_8D57) * UInt64(c.z)
      c = SIMD4(
        UInt32(truncatingIfNeeded: b >> 32) ^ c.y ^ k.x, UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ c.w ^ k.y, UInt32(truncatingIfNeeded: a))
    }
    return c
  }

  /// Word `position` of a stream: of the blocks whose counters are (block, stream), low words first, one
  /// after the other.
  package static func word(at position: Int, stream: UInt64, key: SIMD2<UInt32>) -> UInt32 {
    let index = position >> 2
    let counter = SIMD4(
      UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
      UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
    return block(counter: counter, key: key)[position & 3]
  }

  /// Block `index` of the stream of a seed: counter (index, 0) and key (seed), low words first.
  package static func block(_ index: Int, seed: UInt64) -> SIMD4<UInt32> {
    block(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0, 0),
      key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
  }

  /// A number in [0, 1) from the leading bits of a word: a multiple of 2^-bits, each equally likely.
  package static func uniform(_ word: UInt32, bits: Int) -> Double {
    Double(word >> (32 - bits)) * Double(sign: .plus, exponent: -bits, significand: 1)
  }

  /// A number in [0, 1) from the leading 53 bits of two words, the first being the higher.
  package static func uniform53(_ high: UInt32, _ low: UInt32) -> Double {
    Double((UInt64(high) << 32 | UInt64(low)) >> 11) * 0x1p-53
  }
}
