internal import GnomonTensors

// Half floats: conversions by their bits, rounding once.
extension Helpers {
  mutating func floatOfHalf(_ lanes: Int) -> String {
    let h = type(.uint16, lanes)
    let t = type(.float32, lanes)
    let u = type(.uint32, lanes)
    return define("gn_f32_of_f16\(lanes == 1 ? "" : "x\(lanes)")") { helpers in
      guard lanes > 1 else {
        let fromBits = helpers.reinterpret(.uint32, .float32)
        return """
          static inline float NAME(uint16_t h) {
            uint32_t m = (uint32_t)(h & 0x7FFF) << 13;
            // Scaling by 2^112 moves the exponent's bias and makes denormals normal.
            float x = \(fromBits)(m) * 0x1p112f;
            uint32_t e = (h & 0x7C00) == 0x7C00 ? (m | 0x7F800000) : 0;
            float y = e != 0 ? \(fromBits)(e) : x;
            return (h & 0x8000) != 0 ? -y : y;
          }
          """
      }
      let splat = helpers.splat(.uint32, lanes)
      return """
        static inline \(t) NAME(\(h) v) {
          \(u) h = __builtin_convertvector(v, \(u));
          \(u) m = (h & 0x7FFF) << 13;
          \(u) x = (\(u))((\(t))m * 0x1p112f);
          \(u) s = (\(u))((h & 0x7C00) == \(splat)(0x7C00));
          \(u) y = ((m | 0x7F800000) & s) | (x & ~s);
          return (\(t))(y | ((h & 0x8000) << 16));
        }
        """
    }
  }

  /// Double or float to half, rounding once to nearest even.
  mutating func halfOfDouble(_ lanes: Int) -> String {
    lanewise("gn_f16_of_f64", result: .uint16, [.float64], lanes: lanes) { helpers, _ in
      let bits = helpers.reinterpret(.float64, .uint64)
      return """
        static inline uint16_t NAME(double x) {
          uint64_t b = \(bits)(x);
          uint16_t s = (uint16_t)(b >> 48) & 0x8000;
          double m = __builtin_fabs(x);
          if (x != x) { return (uint16_t)(s | 0x7E00); }
          if (m >= 65520.0) { return (uint16_t)(s | 0x7C00); }
          if (m < 0x1p-14) { return (uint16_t)(s | (uint16_t)__builtin_roundeven(m * 0x1p24)); }
          // Rounds the mantissa to 10 bits; a carry goes into the exponent.
          uint64_t a = b & INT64_C(0x7FFFFFFFFFFFFFFF);
          a += INT64_C(0x1FFFFFFFFFF) + ((a >> 42) & 1);
          return (uint16_t)(s | (uint16_t)((a >> 42) - (INT64_C(1008) << 10)));
        }
        """
    }
  }

  mutating func bfloatOf(_ from: DType, _ lanes: Int) -> String {
    lanewise("gn_bf16_of_\(from.irName)", result: .uint16, [from], lanes: lanes) { helpers, _ in
      let bits = helpers.reinterpret(.float32, .uint32)
      let adjust =
        from == .float64
        ? """
          // Round to odd in float first, so that the second rounding sees what was cut off.
          float f = (float)x;
          uint32_t b = \(bits)(f);
          if ((double)f != x && f - f == 0) {
            if (__builtin_fabs((double)f) > __builtin_fabs(x)) { b -= 1; }
            b |= 1;
          }
        """ : "  uint32_t b = \(bits)(x);"
      return """
        static inline uint16_t NAME(\(VectorTypes.scalar(from)) x) {
          if (x != x) { return 0x7FC0; }
        \(adjust)
          return (uint16_t)((b + 0x7FFF + ((b >> 16) & 1)) >> 16);
        }
        """
    }
  }

  /// The bits of one scalar type as another of its size.
  mutating func reinterpret(_ from: DType, _ to: DType) -> String {
    define("gn_\(to.irName)_bits_of_\(from.irName)") { _ in
      let f = VectorTypes.scalar(from)
      let t = VectorTypes.scalar(to)
      return
        "static inline \(t) NAME(\(f) x) { union { \(f) from; \(t) to; } u = {x}; return u.to; }"
    }
  }
}
