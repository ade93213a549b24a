import Gnomon

/// Arrays by an integer hash, the same bits in every language.
enum Hashed {
  /// lowbias32 of `i · 0x9E3779B9 + seed · 0x85EBCA6B`, all modulo 2³².
  @inline(__always) static func hash(_ i: Int, _ seed: UInt32) -> UInt32 {
    var x = UInt32(truncatingIfNeeded: i) &* 0x9E37_79B9 &+ seed &* 0x85EB_CA6B
    x ^= x >> 16
    x = x &* 0x7FEB_352D
    x ^= x >> 15
    x = x &* 0x846C_A68B
    x ^= x >> 16
    return x
  }

  /// float32 `low + u (high - low)` with the upper 24 bits of the hash as u in 0..<1, in double.
  static func fill(_ shape: Shape, _ seed: UInt32, _ low: Double, _ high: Double) -> Tensor {
    var result = Tensor(uninitialized: .float32, shape)
    result.withUnsafeMutableBytes { bytes in
      let elements = bytes.bindMemory(to: Float.self)
      for i in elements.indices {
        elements[i] = Float(low + Double(hash(i, seed) >> 8) * 0x1p-24 * (high - low))
      }
    }
    return result
  }

  /// Values in -1..<1 that repeat after 4096: for large inputs whose values are of no interest.
  static func repeated(_ shape: Shape) -> Tensor {
    let pattern = fill([4096], 90, -1, 1)
    var result = Tensor(uninitialized: .float32, shape)
    result.withUnsafeMutableBytes { bytes in
      pattern.withUnsafeBytes { source in
        for start in stride(from: 0, to: bytes.count, by: source.count) {
          let count = min(source.count, bytes.count - start)
          bytes.baseAddress?.advanced(by: start)
            .copyMemory(from: source.baseAddress!, byteCount: count)
        }
      }
    }
    return result
  }

  /// int64 hashes modulo `bound`.
  static func ints(_ count: Int, _ seed: UInt32, _ bound: UInt32) -> Tensor {
    Tensor((0..<count).map { Int64(hash($0, seed) % bound) })
  }

  static func glorot(_ shape: Shape, _ seed: UInt32, fans: (Int, Int)? = nil) -> Tensor {
    let (fanIn, fanOut) = fans ?? (shape[0], shape[1])
    let limit = (6 / Double(fanIn + fanOut)).squareRoot()
    return fill(shape, seed, -limit, limit)
  }

  /// Throws unless the first values are those that the description of the workloads states.
  static func verify() throws {
    let hashes = (0..<4).map { hash($0, 1) }
    let labels = ints(8, 33, 10).doubles
    let uniform = fill([4], 5, -1, 1).doubles
    let weights = glorot([784, 512], 34).doubles.prefix(4)
    guard hashes == [520_022_130, 3_849_843_626, 349_597_239, 662_758_370],
      labels == [3, 7, 0, 8, 5, 9, 1, 4],
      zip(uniform, [0.585795283, 0.701882601, 0.370747805, -0.70563972]).allSatisfy(near),
      zip(weights, [0.0551415458, 0.0412190743, -0.000252889906, 0.0399049036]).allSatisfy(near)
    else { throw BenchmarkError("the inputs differ from the description of the workloads") }
  }

  private static func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-8 * abs(b) }
}

struct BenchmarkError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
