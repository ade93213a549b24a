/// Conversions between double and the bits of the two 16-bit floats, rounding to nearest even.
///
/// Swift's `Float16` is not available on every platform and there is no `bfloat16`; the formats are
/// IEEE 754 binary16 and the upper half of binary32. A NaN keeps its sign and the leading bits of
/// its payload and becomes quiet, as in the conversion instructions of the processors.
package enum HalfFloat {
  package static func float16Bits(_ x: Double) -> UInt16 { bits(x, binary16) }
  package static func bfloat16Bits(_ x: Double) -> UInt16 { bits(x, brain) }

  package static func double(float16Bits h: UInt16) -> Double {
    let sign = UInt64(h & 0x8000) << 48
    let exponent = UInt64(h >> 10) & 31
    let fraction = UInt64(h & 1023)
    switch exponent {
    case 0:
      let magnitude = Double(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 31:
      let quiet: UInt64 = fraction == 0 ? 0 : 1 << 51
      return Double(bitPattern: sign | 0x7FF0_0000_0000_0000 | quiet | fraction << 42)
    default:
      // The two exponents are biased by 15 and by 1023.
      return Double(bitPattern: sign | (exponent + 1008) << 52 | fraction << 42)
    }
  }

  package static func double(bfloat16Bits h: UInt16) -> Double {
    Double(Float(bitPattern: UInt32(h) << 16))
  }

  /// The number of explicit fraction bits, and the exponent of the smallest normal number.
  private typealias Format = (fraction: Int, leastExponent: Int)
  private static let binary16: Format = (10, -14)
  private static let brain: Format = (7, -126)

  @inline(__always)
  private static func bits(_ x: Double, _ format: Format) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: x.bitPattern >> 48) & 0x8000
    let infinity: UInt16 = 0x8000 - (1 << format.fraction)
    if x.isNaN {
      let payload = UInt16(truncatingIfNeeded: x.bitPattern >> (52 - format.fraction))
      let quiet: UInt16 = 1 << (format.fraction - 1)
      return sign | infinity | quiet | (payload & ~infinity & 0x7FFF)
    }
    if x.isInfinite { return sign | infinity }
    // Scale by a power of two, which is exact, so that one unit in the last place is 1. Below the
    // smallest normal number the unit no longer shrinks: subnormals need no case of their own.
    let exponent = max(Int(x.magnitude.bitPattern >> 52) - 1023, format.leastExponent)
    let scale = Double(bitPattern: UInt64(format.fraction - exponent + 1023) << 52)
    // Beside 2^52 a double has no room for a fraction: the sum is rounded to nearest even.
    let units = Int(x.magnitude * scale + 0x1p52 - 0x1p52)
    // The leading 1 of a normal number adds one to the exponent field, as does a carry out of the
    // fraction; beyond the largest number both end in infinity.
    let magnitude = (exponent - format.leastExponent) << format.fraction + units
    return sign | UInt16(min(magnitude, Int(infinity)))
  }
}
