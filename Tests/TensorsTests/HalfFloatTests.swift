import GnomonTensors
import Testing

private struct HalfFormat: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var bits: @Sendable (Double) -> UInt16
  var double: @Sendable (UInt16) -> Double
  var infinity: UInt16
  var quietBit: UInt16
}

private let formats = [
  HalfFormat(
    testDescription: "float16", bits: { HalfFloat.float16Bits($0) },
    double: { HalfFloat.double(float16Bits: $0) }, infinity: 0x7C00, quietBit: 0x0200),
  HalfFormat(
    testDescription: "bfloat16", bits: { HalfFloat.bfloat16Bits($0) },
    double: { HalfFloat.double(bfloat16Bits: $0) }, infinity: 0x7F80, quietBit: 0x0040),
]

@Suite struct HalfFloatTests {
  @Test(arguments: formats)
  private func `every bit pattern round trips, signalling NaNs becoming quiet`(_ f: HalfFormat) {
    var wrong: [UInt16] = []
    for h in UInt16.min...UInt16.max {
      let isNaN = h & 0x7FFF > f.infinity
      if f.bits(f.double(h)) != (isNaN ? h | f.quietBit : h) { wrong.append(h) }
      if f.double(h).isNaN != isNaN { wrong.append(h) }
    }
    #expect(wrong.isEmpty)
  }

  @Test(arguments: formats)
  private func `values between neighbours round to the nearest, midpoints to even`(_ f: HalfFormat)
  {
    var wrong: [UInt16] = []
    for h in 0..<(f.infinity - 1) {
      let low = f.double(h)
      let high = f.double(h + 1)
      let middle = low + (high - low) / 2  // exact: a double has bits to spare
      let even = h & 1 == 0 ? h : h + 1
      for sign: UInt16 in [0, 0x8000] {
        let s: Double = sign == 0 ? 1 : -1
        if f.bits(s * middle) != sign | even { wrong.append(h) }
        if f.bits(s * middle.nextDown) != sign | h { wrong.append(h) }
        if f.bits(s * middle.nextUp) != sign | (h + 1) { wrong.append(h) }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test(arguments: formats)
  private func `magnitudes from half a unit beyond the largest are infinite`(_ f: HalfFormat) {
    let largest = f.double(f.infinity - 1)
    let unit = largest - f.double(f.infinity - 2)
    #expect(f.bits(largest + unit / 2) == f.infinity)
    #expect(f.bits((largest + unit / 2).nextDown) == f.infinity - 1)
    #expect(f.bits(-(largest + unit / 2)) == f.infinity | 0x8000)
    #expect(f.bits(.greatestFiniteMagnitude) == f.infinity)
    #expect(f.bits(.infinity) == f.infinity)
    #expect(f.bits(-.infinity) == f.infinity | 0x8000)
  }

  @Test(arguments: formats)
  private func `zeros and the smallest numbers keep their sign`(_ f: HalfFormat) {
    let least = f.double(1)
    #expect(f.bits(0) == 0)
    #expect(f.bits(-0.0) == 0x8000)
    #expect(f.bits(least / 2) == 0)
    #expect(f.bits((least / 2).nextUp) == 1)
    #expect(f.bits(-least / 2) == 0x8000)
    #expect(f.bits(.leastNonzeroMagnitude) == 0)
    #expect(f.bits(-.leastNonzeroMagnitude) == 0x8000)
  }

  @Test func `double to bfloat16 rounds once`() {
    // 1 + 2^-8 is the midpoint of 1 and 1 + 2^-7; a little more is lost if a float comes between.
    #expect(HalfFloat.bfloat16Bits(1 + 0x1p-8) == 0x3F80)
    #expect(HalfFloat.bfloat16Bits(1 + 0x1p-8 + 0x1p-40) == 0x3F81)
    #expect(HalfFloat.bfloat16Bits(1 + 0x3p-8 - 0x1p-40) == 0x3F81)
    #expect(HalfFloat.float16Bits(1 + 0x1p-11 + 0x1p-40) == 0x3C01)
  }

  #if !(os(macOS) && arch(x86_64))
    @Test func `float16 agrees with the compiler's type`() {
      var wrong: [UInt16] = []
      for h in UInt16.min...UInt16.max {
        let reference = Double(Float16(bitPattern: h))
        let ours = HalfFloat.double(float16Bits: h)
        if reference.isNaN ? !ours.isNaN : reference.bitPattern != ours.bitPattern {
          wrong.append(h)
        }
      }
      #expect(wrong.isEmpty)
      for x in [1e-8, 6e-8, 0.1, 1 / 3.0, 2049, 2051, 65519.99, 65520, 1e300] {
        #expect(HalfFloat.float16Bits(x) == Float16(x).bitPattern)
      }
    }
  #endif
}
