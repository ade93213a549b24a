internal import GnomonScalars
internal import GnomonTensors

// Arithmetic of floats: where it has an instruction of its own on some targets, and takes several
// on the others.
extension Helpers {
  /// A vector of 64 bytes with the instructions of AVX-512 in the compiler's own words, or nil.
  private static func wide(
    _ dtype: DType, _ lanes: Int
  ) -> (type: String, suffix: String, all: String)? {
    guard dtype.byteCount * lanes == 64 else { return nil }
    return dtype == .float32
      ? ("gn_v16sf", "ps512", "(unsigned short)-1") : ("gn_v8df", "pd512", "(unsigned char)-1")
  }

  /// `a * 2^b`; without an instruction as two factors, only the second of which rounds.
  mutating func scale(_ dtype: DType, _ lanes: Int) -> String {
    let t = register(dtype, lanes)
    let isSingle = dtype == .float32
    let word: DType = isSingle ? .uint32 : .uint64
    let (mantissa, bias) = isSingle ? (23, 127) : (52, 1023)
    let one = isSingle ? "\(bias << mantissa)u" : "UINT64_C(\(bias << mantissa))"
    // 1.5 * 2^mantissa + bias: a sum with it has the whole number, biased, in its low bits.
    let magic = isSingle ? "\(0x1.8p23 + 127)f" : "\(0x1.8p52 + 1023)"
    let wide = Self.wide(dtype, lanes)
    let u = register(word, lanes)
    return define("gn_scale_\(dtype.irName)x\(lanes)") { helpers in
      func bits(_ e: String) -> String {
        lanes == 1 ? "\(helpers.reinterpret(dtype, word))(\(e))" : "(\(u))(\(e))"
      }
      func float(_ e: String) -> String {
        lanes == 1 ? "\(helpers.reinterpret(word, dtype))(\(e))" : "(\(t))(\(e))"
      }
      let steps = """
          \(u) half = \(bits("b * \(isSingle ? "0.5f" : "0.5") + \(magic)"));
          \(u) rest = \(bits("b + \(magic)")) - half;
          return a * \(float("half << \(mantissa)")) * \(float("(rest << \(mantissa)) + \(one)"));
        """
      guard let wide else { return "static inline \(t) NAME(\(t) a, \(t) b) {\n\(steps)\n}" }
      return """
        static inline \(t) NAME(\(t) a, \(t) b) {
        #ifdef __AVX512F__
          return (\(t))__builtin_ia32_scalef\(wide.suffix)_mask((\(wide.type))a, (\(wide.type))b, (\(wide.type))a, \(wide.all), 4);
        #else
        \(steps)
        #endif
        }
        """
    }
  }

  /// The larger or smaller of two floats, -0 below +0, NaN if one is. `vrange` orders the zeros; of a NaN
  /// and a number it gives the number, so a sum with both takes its place.
  mutating func extremum(_ op: ScalarOp, _ dtype: DType, _ lanes: Int) -> String {
    let t = register(dtype, lanes)
    let isLarger = op == .maximum
    let plain = "return __builtin_elementwise_\(isLarger ? "max" : "min")imum(a, b);"
    let wide = Self.wide(dtype, lanes)
    return define("gn_\(isLarger ? "maximum" : "minimum")_\(dtype.irName)x\(lanes)") { helpers in
      guard let wide else { return "static inline \(t) NAME(\(t) a, \(t) b) { \(plain) }" }
      let mask = helpers.type(VectorTypes.maskType(dtype), lanes)
      return """
        static inline \(t) NAME(\(t) a, \(t) b) {
        #ifdef __AVX512DQ__
          \(mask) isNaN = (a != a) | (b != b);
          \(t) c = (\(t))__builtin_ia32_range\(wide.suffix)_mask((\(wide.type))a, (\(wide.type))b, \(isLarger ? 5 : 4), (\(wide.type))a, \(wide.all), 4);
          return (\(t))(((\(mask))(a + b) & isNaN) | ((\(mask))c & ~isNaN));
        #else
          \(plain)
        #endif
        }
        """
    }
  }

  /// `1 / sqrt(x)` of a float32 that is NaN or at least the least normal number.
  mutating func reciprocalRoot(_ lanes: Int) -> String {
    reciprocalRoot("gn_reciprocal_root_\(Self.suffix(.float32, lanes))", .rsqrtOfNormal, lanes)
  }

  /// A program for reciprocal roots of float32, or the estimate of AVX-512, of which 14 bits are good,
  /// and a step of Newton's. Where the estimate is 0, infinity or NaN, so is the result: the residual is
  /// NaN, and becomes the 1 that it is always below. `GNOMON_SAME_BITS` is for those who compare bits
  /// with the interpreter's or another CPU's.
  mutating func reciprocalRoot(
    _ name: String, _ program: ScalarProgram, _ lanes: Int
  ) -> String {
    func estimate(_ x: String, _ count: Int) -> String {
      let all = count == 16 ? "(unsigned short)-1" : "(unsigned char)-1"
      let type = "gn_v\(count)sf"
      return "__builtin_ia32_rsqrt14ps\(count * 32)_mask((\(type))\(x), (\(type)){0}, \(all))"
    }
    let t = register(.float32, lanes)
    let start =
      switch lanes {
      case 1: "\(t) y = \(estimate("{x0, x0, x0, x0}", 4))[0];"
      case 4, 8, 16: "\(t) y = (\(t))\(estimate("x0", lanes));"
      default:
        "\(t) y; for (int l = 0; l < \(lanes); ++l) { y[l] = \(estimate("{x0[l]}", 4))[0]; }"
      }
    let m = type(.int32, lanes)
    let one = lanes == 1 ? "1.0f" : "\(splat(.float32, lanes))(1.0f)"
    let number =
      lanes == 1
      ? "e < one ? e : one" : "(\(t))(((\(m))e & (e < one)) | ((\(m))one & ~(e < one)))"
    return function(
      name, program, .float32, lanes, where: "defined(__AVX512VL__) && !defined(GNOMON_SAME_BITS)",
      instead: """
          \(start)
          \(t) one = \(one);
          \(t) e = GN_FMA(-(x0 * y), y, one);
          e = \(number);
          return GN_FMA(y * 0.5f, e, y);
        """)
  }

  /// `a / b` for a `b` that is the same in all lanes, or nil where dividing is as good.
  ///
  /// The quotient by the reciprocal, which leaves the loop, corrected twice: correctly rounded, hence
  /// the same bits (P. Markstein, IBM Journal of Research and Development 34 (1990)), where neither
  /// remainders nor results can underflow. The signs in the corrections keep a zero's sign.
  mutating func divisionByOne(_ dtype: DType, _ lanes: Int) -> String? {
    guard Self.wide(dtype, lanes) != nil else { return nil }
    let t = register(dtype, lanes)
    let isSingle = dtype == .float32
    let u = register(isSingle ? .uint32 : .uint64, lanes)
    let f = isSingle ? "f" : ""
    let (small, large) = isSingle ? ("0x1p-24f", "0x1p24f") : ("0x1p-60", "0x1p60")
    let most = isSingle ? "0x1p100f" : "0x1p900"
    // The bits of 2^-100 (2^-900).
    let least = isSingle ? "\((127 - 100) << 23)u" : "UINT64_C(\((1023 - 900) << 52))"
    let one = isSingle ? "1u" : "UINT64_C(1)"
    return define("gn_divide_by_one_\(dtype.irName)x\(lanes)") { _ in
      """
      static inline \(t) NAME(\(t) a, \(t) b) {
      #if defined(__AVX512F__) && defined(__clang__)
        \(t) r = 1.0\(f) / b;
        \(t) m = __builtin_elementwise_abs(a);
        if (b[0] >= \(small) && b[0] <= \(large)
            && __builtin_reduce_or(~(m <= \(most)) | ((\(u))m - \(one) < \(least) - \(one))) == 0) {
          \(t) q = a * r;
          q = GN_FMA(-GN_FMA(q, b, -a), r, q);
          return GN_FMA(-GN_FMA(q, b, -a), r, q);
        }
      #endif
        return a / b;
      }
      """
    }
  }

  /// The remainder with the divisor's sign.
  mutating func floatRemainder(_ dtype: DType, _ lanes: Int) -> String {
    let t = VectorTypes.scalar(dtype)
    let f = dtype == .float64 ? "" : "f"
    return lanewise("gn_mod_\(dtype.irName)", result: dtype, [dtype, dtype], lanes: lanes) {
      helpers, _ in
      let fmod = helpers.define("fmod\(f)") { _ in "\(t) fmod\(f)(\(t), \(t));" }
      return """
        static inline \(t) NAME(\(t) a, \(t) b) {
          \(t) r = \(fmod)(a, b);
          if (r != 0) { return (r < 0) != (b < 0) ? r + b : r; }
          return __builtin_copysign\(f)(0, b);
        }
        """
    }
  }
}
