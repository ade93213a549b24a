/// SHA-256 (FIPS 180-4), the name of a cached library and the check that it is undamaged.
package enum SHA256 {
  /// The digest of `bytes` as 64 hexadecimal digits.
  package static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = digest(bytes).flatMap { word in
      stride(from: 28, through: 0, by: -4).map { digits[Int(word >> UInt32($0) & 15)] }
    }
    return String(decoding: text, as: UTF8.self)
  }

  // Fractions of the cube roots of the first 64 primes, and of the square roots of the first 8.
  private static let rounds: [UInt32] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ]
  private static let start: [UInt32] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ]

  /// The digest as eight words.
  package static func digest(_ bytes: [UInt8]) -> [UInt32] {
    // The message, a one bit, zeros up to 8 bytes short of a block, and the length in bits.
    var tail = Array(bytes[(bytes.count & ~63)...])
    tail.append(0x80)
    tail += [UInt8](repeating: 0, count: (120 - tail.count) & 63)
    let bits = UInt64(bytes.count) * 8
    for shift in stride(from: 56, through: 0, by: -8) {
      tail.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    var state = start
    rounds.withUnsafeBufferPointer { rounds in
      state.withUnsafeMutableBufferPointer { state in
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
          bytes.withUnsafeBufferPointer { mix($0, blocks: bytes.count >> 6, state, words, rounds) }
          tail.withUnsafeBufferPointer { mix($0, blocks: tail.count >> 6, state, words, rounds) }
        }
      }
    }
    return state
  }

  private static func mix(
    _ bytes: UnsafeBufferPointer<UInt8>, blocks: Int, _ state: UnsafeMutableBufferPointer<UInt32>,
    _ w: UnsafeMutableBufferPointer<UInt32>, _ k: UnsafeBufferPointer<UInt32>
  ) {
    @inline(__always) func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x &>> n | x &<< (32 &- n) }
    for block in 0..<blocks {
      for i in 0..<16 {
        let at = block &* 64 &+ i &* 4
        w[i] =
          UInt32(bytes[at]) &<< 24 | UInt32(bytes[at &+ 1]) &<< 16
          | UInt32(bytes[at &+ 2]) &<< 8 | UInt32(bytes[at &+ 3])
      }
      for i in 16..<64 {
        let x = w[i &- 15], y = w[i &- 2]
        w[i] = w[i &- 16] &+ (rotate(x, 7) ^ rotate(x, 18) ^ x &>> 3)
        w[i] = w[i] &+ w[i &- 7] &+ (rotate(y, 17) ^ rotate(y, 19) ^ y &>> 10)
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      for i in 0..<64 {
        let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
        let t1 = h &+ s1 &+ (e & f ^ ~e & g) &+ k[i] &+ w[i]
        let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
        let t2 = s0 &+ (a & b ^ a & c ^ b & c)
        (h, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ t2)
      }
      for (i, x) in [a, b, c, d, e, f, g, h].enumerated() { state[i] = state[i] &+ x }
    }
  }
}
