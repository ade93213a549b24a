/// Conversions between double and the bits of the two 16-bit floats, rounding to nearest even.
///
/// Swift's `Float16` is not available on every platform and there is no `bfloat16`; the formats are
/// IEEE 754 binary16 and the upper half of binary32.
package enum HalfFloat {
  package static func float16Bits(_ x: Double) -> UInt16 {
    let b = x.bitPattern
    let sign = UInt16(truncatingIfNeeded: b >> 48) & 0x8000
    if x.isNaN { return sign | 0x7E00 }
    let magnitude = x.magnitude
    if magnitude >= 65520 { return sign | 0x7C00 }
    // Scale so that one unit in the last place is 1, and let `rounded` do the rest.
    let exponent = max(magnitude == 0 ? -14 : Int(magnitude.exponent), -14)
    let units = (magnitude * 0x1p0.scaled(-(exponent - 10))).rounded(.toNearestOrEven)
    if units == 0 { return sign }
    let n = UInt16(units)
    // A mantissa that rounded up to 2048 carries into the exponent by itself.
    return n < 1024 ? sign | n : sign | (UInt16(exponent + 14) << 10) + n
  }

  package static func double(float16Bits h: UInt16) -> Double {
    let sign: Double = h & 0x8000 == 0 ? 1 : -1
    let exponent = Int(h >> 10) & 31
    let mantissa = Double(h & 1023)
    if exponent == 31 { return mantissa == 0 ? sign * .infinity : .nan }
    if exponent == 0 { return sign * mantissa * 0x1p-24 }
    return sign * (1024 + mantissa) * 0x1p0.scaled(exponent - 25)
  }

  package static func bfloat16Bits(_ x: Double) -> UInt16 {
    if x.isNaN { return 0x7FC0 }
    // Round once, from double: float first would round twice.
    let f = Float(x)
    var bits = f.bitPattern
    if Double(f) != x, bits & 0xFFFF == 0x8000, f.magnitude < .infinity {
      // The float lies on the midpoint of two bfloat16 but x does not: nudge towards x.
      bits = f.magnitude > Float(1) * 0 && Double(f.magnitude) > x.magnitude ? bits - 1 : bits + 1
    }
    let rounded = bits &+ 0x7FFF &+ ((bits >> 16) & 1)
    return UInt16(truncatingIfNeeded: rounded >> 16)
  }

  package static func double(bfloat16Bits h: UInt16) -> Double {
    Double(Float(bitPattern: UInt32(h) << 16))
  }
}

extension Double {
  fileprivate func scaled(_ n: Int) -> Double { self * Double(sign: .plus, exponent: n, significand: 1) }
}
