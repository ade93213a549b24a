#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension Tensor {
  /// Whether dtype, shape and every bit are equal (so -0 differs from 0, and a NaN equals only a
  /// NaN with the same payload).
  public func identical(to other: Tensor) -> Bool {
    guard dtype == other.dtype, shape == other.shape else { return false }
    return withUnsafeBytes { a in
      other.withUnsafeBytes { b in
        guard let x = a.baseAddress, let y = b.baseAddress else { return true }
        return memcmp(x, y, a.count) == 0
      }
    }
  }

  /// Whether the shapes are equal and |a - b| <= atol + rtol * |b| for every pair of elements; NaN
  /// is close to NaN, and an infinity only to itself.
  public func allClose(_ other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8) -> Bool {
    guard shape == other.shape else { return false }
    return zip(doubles, other.doubles).allSatisfy { a, b in
      if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
      if a == b { return true }
      return a.isFinite && b.isFinite && (a - b).magnitude <= atol + rtol * b.magnitude
    }
  }

  /// The largest distance of a pair of elements, in units in the last place of their float type:
  /// the number of representable values between them.
  ///
  /// NaN is at distance 0 from NaN and infinitely far from everything else; 0 and -0 are equal. For
  /// integers it is the largest difference. Tensors of different dtype or shape are infinitely far
  /// apart.
  package func ulpDistance(to other: Tensor) -> Double {
    guard dtype == other.dtype, shape == other.shape else { return .infinity }
    if dtype == .uint64 {
      let pairs = zip(integers, other.integers)
      return pairs.reduce(0) { largest, pair in
        let (a, b) = (UInt64(bitPattern: pair.0), UInt64(bitPattern: pair.1))
        return max(largest, Double(max(a, b) - min(a, b)))
      }
    }
    var largest = 0.0
    for (a, b) in zip(ordinals, other.ordinals) {
      if a == nil, b == nil { continue }
      guard let a, let b else { return .infinity }
      let (difference, overflow) = a.subtractingReportingOverflow(b)
      largest = max(
        largest, overflow ? (Double(a) - Double(b)).magnitude : Double(difference.magnitude))
    }
    return largest
  }

  /// The rank of each float among all of its type, 0 for both zeros, nil for NaN; integers as they
  /// are.
  private var ordinals: [Int64?] {
    if !dtype.isFloat { return integers }
    func ordinal(_ bits: UInt64, width: Int) -> Int64 {
      let sign: UInt64 = 1 << (width - 1)
      let magnitude = Int64(bits & (sign - 1))
      return bits & sign == 0 ? magnitude : -magnitude
    }
    return withUnsafeBytes { bytes in
      doubles.enumerated().map { i, value in
        if value.isNaN { return nil }
        switch dtype.byteCount {
        case 2:
          return ordinal(UInt64(bytes.load(fromByteOffset: 2 * i, as: UInt16.self)), width: 16)
        case 4:
          return ordinal(UInt64(bytes.load(fromByteOffset: 4 * i, as: UInt32.self)), width: 32)
        default: return ordinal(bytes.load(fromByteOffset: 8 * i, as: UInt64.self), width: 64)
        }
      }
    }
  }
}
