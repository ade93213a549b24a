internal import GnomonScalars
internal import GnomonTensors

/// The small C functions that emitted code calls, each written once per unit when something needs it.
///
/// They come in an order in which each stands after what it uses.
struct Helpers {
  private(set) var types: [String] = []
  private(set) var functions: [(name: String, text: String)] = []
  private var known: Set<String> = []

  /// The name of a vector type, which is then defined.
  mutating func type(_ dtype: DType, _ lanes: Int) -> String {
    let name = VectorTypes.memory(dtype, lanes)
    if lanes > 1, !types.contains(name) { types.append(name) }
    return name
  }

  /// The type of a register.
  mutating func register(_ dtype: DType, _ lanes: Int) -> String {
    dtype == .bool && lanes > 1
      ? type(.int32, lanes) : dtype == .bool ? "int32_t" : type(dtype, lanes)
  }

  /// Defines a function once; `text` may ask for other helpers first.
  mutating func define(_ name: String, _ text: (inout Helpers) -> String) -> String {
    if known.insert(name).inserted {
      let t = text(&self)
      functions.append((name, t))
    }
    return name
  }

  private static func suffix(_ dtype: DType, _ lanes: Int) -> String {
    lanes == 1
      ? dtype.irName : "\(dtype.irName)x\(lanes)"
  }

  // MARK: - Lanes

  mutating func splat(_ dtype: DType, _ lanes: Int) -> String {
    let t = register(dtype, lanes)
    return define("gn_splat_\(Self.suffix(dtype, lanes))") { _ in
      // x - 0 is x for every float, -0 and NaN included; x + 0 is not.
      let element = dtype == .bool ? "int32_t" : VectorTypes.scalar(dtype)
      let value = dtype == .bool ? "-x" : "x"
      return "static inline \(t) NAME(\(element) x) { return \(value) - (\(t)){0}; }"
    }
  }

  /// The lanes joined by halves.
  mutating func reduce(_ op: ScalarOp, _ dtype: DType, _ lanes: Int) -> String {
    let t = register(dtype, lanes)
    let element = dtype == .bool ? "int32_t" : VectorTypes.scalar(dtype)
    return define("gn_reduce_\(op.name)_\(Self.suffix(dtype, lanes))") { helpers in
      var lines = ["static inline \(element) NAME(\(t) v\(lanes)) {"]
      var width = lanes
      while width > 1 {
        let half = width / 2
        let halfType = half == 1 ? element : helpers.register(dtype, half)
        let low =
          half == 1
          ? "v\(width)[0]"
          : "__builtin_shufflevector(v\(width), v\(width), \((0..<half).map(String.init).joined(separator: ", ")))"
        let high =
          half == 1
          ? "v\(width)[1]"
          : "__builtin_shufflevector(v\(width), v\(width), \((half..<width).map(String.init).joined(separator: ", ")))"
        lines.append("  \(halfType) a\(half) = \(low), b\(half) = \(high);")
        var emitter = ScalarEmitter(helpers: helpers)
        let joined = emitter.text(
          op, dtype, argument: dtype, lanes: half, ["a\(half)", "b\(half)"], constants: [nil, nil])
        helpers = emitter.helpers
        lines.append("  \(halfType) v\(half) = \(joined);")
        width = half
      }
      lines.append(dtype == .bool ? "  return v1 != 0;" : "  return v1;")
      return (lines + ["}"]).joined(separator: "\n")
    }
  }

  mutating func lanesBelow(_ lanes: Int) -> String {
    let t = type(.int32, lanes)
    return define("gn_lanes_below_x\(lanes)") { helpers in
      let splat = helpers.splat(.int32, lanes)
      let iota = (0..<lanes).map(String.init).joined(separator: ", ")
      return "static inline \(t) NAME(int64_t n) { return (\(t)){\(iota)} < \(splat)((int32_t)n); }"
    }
  }

  /// base + lane * step
  mutating func index(_ lanes: Int) -> String {
    let t = type(.int64, lanes)
    return define("gn_index_x\(lanes)") { helpers in
      let splat = helpers.splat(.int64, lanes)
      let iota = (0..<lanes).map(String.init).joined(separator: ", ")
      return
        "static inline \(t) NAME(int64_t base, int64_t step) { return (\(t)){\(iota)} * \(splat)(step) + \(splat)(base); }"
    }
  }

  /// The high halves of products of uint32: those of even and of odd lanes at once, each in 64 bits.
  mutating func multiplyHigh(_ lanes: Int) -> String {
    let t = type(.uint32, lanes)
    let wide = type(.uint64, lanes / 2)
    return define("gn_multiply_high_u32x\(lanes)") { _ in
      """
      static inline \(t) NAME(\(t) a, \(t) b) {
        \(wide) x = (\(wide))a, y = (\(wide))b;
        \(wide) even = (x & UINT32_MAX) * (y & UINT32_MAX), odd = (x >> 32) * (y >> 32);
        return (\(t))((even >> 32) | (odd & ~(uint64_t)UINT32_MAX));
      }
      """
    }
  }

  // MARK: - Memory

  mutating func load(_ dtype: DType, _ lanes: Int) -> String {
    let t = type(dtype, lanes)
    return define("gn_load_\(Self.suffix(dtype, lanes))") { _ in
      "static inline \(t) NAME(const \(VectorTypes.scalar(dtype)) *p) { return *(const \(t)u *)p; }"
    }
  }

  mutating func store(_ dtype: DType, _ lanes: Int) -> String {
    let t = type(dtype, lanes)
    return define("gn_store_\(Self.suffix(dtype, lanes))") { _ in
      "static inline void NAME(\(VectorTypes.scalar(dtype)) *p, \(t) v) { *(\(t)u *)p = v; }"
    }
  }

  /// The masked instructions of AVX-512 for a vector of 64 bytes, or nil.
  private static func masked(_ dtype: DType, _ lanes: Int) -> (
    load: String, store: String, cast: String, mask: String
  )? {
    guard dtype.byteCount * lanes == 64 else { return nil }
    return switch dtype {
    case .float32: ("loadups512", "storeups512", "float", "unsigned short")
    case .float64: ("loadupd512", "storeupd512", "double", "unsigned char")
    case .int32, .uint32: ("loaddqusi512", "storedqusi512", "int", "unsigned short")
    case .int64, .uint64: ("loaddqudi512", "storedqudi512", "long long", "unsigned char")
    default: nil
    }
  }

  mutating func loadSome(_ dtype: DType, _ lanes: Int) -> String {
    let t = type(dtype, lanes)
    let element = VectorTypes.scalar(dtype)
    return define("gn_load_some_\(Self.suffix(dtype, lanes))") { helpers in
      let plain = """
          \(t) v = {0};
          for (int64_t l = 0; l < n; ++l) { v[l] = p[l]; }
          return v;
        """
      guard let m = Self.masked(dtype, lanes) else {
        return "static inline \(t) NAME(const \(element) *p, int64_t n) {\n\(plain)\n}"
      }
      let vector =
        m.cast == "float"
        ? "gn_v16sf" : m.cast == "double" ? "gn_v8df" : m.cast == "int" ? "gn_v16si" : "gn_v8di"
      return """
        static inline \(t) NAME(const \(element) *p, int64_t n) {
        #ifdef __AVX512F__
          return (\(t))__builtin_ia32_\(m.load)_mask((const \(m.cast) *)p, (\(vector)){0}, (\(m.mask))((1u << n) - 1));
        #else
        \(plain)
        #endif
        }
        """
    }
  }

  mutating func storeSome(_ dtype: DType, _ lanes: Int) -> String {
    let t = type(dtype, lanes)
    let element = VectorTypes.scalar(dtype)
    return define("gn_store_some_\(Self.suffix(dtype, lanes))") { _ in
      let plain = "  for (int64_t l = 0; l < n; ++l) { p[l] = v[l]; }"
      guard let m = Self.masked(dtype, lanes) else {
        return "static inline void NAME(\(element) *p, \(t) v, int64_t n) {\n\(plain)\n}"
      }
      let vector =
        m.cast == "float"
        ? "gn_v16sf" : m.cast == "double" ? "gn_v8df" : m.cast == "int" ? "gn_v16si" : "gn_v8di"
      return """
        static inline void NAME(\(element) *p, \(t) v, int64_t n) {
        #ifdef __AVX512F__
          __builtin_ia32_\(m.store)_mask((\(m.cast) *)p, (\(vector))v, (\(m.mask))((1u << n) - 1));
        #else
        \(plain)
        #endif
        }
        """
    }
  }

  /// Lane `l` at `p[l * step]`, for the first `n` lanes.
  mutating func loadStrided(_ dtype: DType, _ lanes: Int) -> String {
    let t = type(dtype, lanes)
    return define("gn_load_strided_\(Self.suffix(dtype, lanes))") { _ in
      """
      static inline \(t) NAME(const \(VectorTypes.scalar(dtype)) *p, int64_t step, int64_t n) {
        \(t) v = {0};
        for (int64_t l = 0; l < n; ++l) { v[l] = p[l * step]; }
        return v;
      }
      """
    }
  }

  mutating func storeStrided(_ dtype: DType, _ lanes: Int) -> String {
    let t = type(dtype, lanes)
    return define("gn_store_strided_\(Self.suffix(dtype, lanes))") { _ in
      """
      static inline void NAME(\(VectorTypes.scalar(dtype)) *p, int64_t step, \(t) v, int64_t n) {
        for (int64_t l = 0; l < n; ++l) { p[l * step] = v[l]; }
      }
      """
    }
  }

  /// A square block with rows and columns exchanged: halves change places, then quarters, ….
  mutating func transpose(_ dtype: DType, _ lanes: Int) -> String {
    let t = type(dtype, lanes)
    return define("gn_transpose_\(Self.suffix(dtype, lanes))") { helpers in
      let load = helpers.load(dtype, lanes)
      let store = helpers.store(dtype, lanes)
      let element = VectorTypes.scalar(dtype)
      var lines = [
        "static void NAME(const \(element) *p, int64_t step, \(element) *q, int64_t distance) {"
      ]
      for r in 0..<lanes { lines.append("  \(t) v\(r) = \(load)(p + \(r) * step);") }
      lines.append("  \(t) low;")
      var half = lanes / 2
      while half > 0 {
        func shuffle(_ from: (Int) -> Int) -> String {
          (0..<lanes).map { "\(from($0))" }.joined(separator: ", ")
        }
        let first = shuffle { $0 & half == 0 ? $0 : lanes + $0 - half }
        let second = shuffle { $0 & half == 0 ? $0 + half : lanes + $0 }
        for r in 0..<lanes where r & half == 0 {
          let pair = "v\(r), v\(r + half)"
          lines.append("  low = __builtin_shufflevector(\(pair), \(first));")
          lines.append("  v\(r + half) = __builtin_shufflevector(\(pair), \(second));")
          lines.append("  v\(r) = low;")
        }
        half /= 2
      }
      for r in 0..<lanes { lines.append("  \(store)(q + \(r) * distance, v\(r));") }
      return (lines + ["}"]).joined(separator: "\n")
    }
  }

  mutating func gather(_ dtype: DType, _ lanes: Int) -> String {
    let t = type(dtype, lanes)
    let index = type(.int64, lanes)
    return define("gn_gather_\(Self.suffix(dtype, lanes))") { _ in
      """
      static inline \(t) NAME(const \(VectorTypes.scalar(dtype)) *p, \(index) at, int64_t n) {
        \(t) v = {0};
        for (int64_t l = 0; l < n; ++l) { v[l] = p[at[l]]; }
        return v;
      }
      """
    }
  }

  /// A bool vector in memory, as bytes, to a mask.
  mutating func maskOfBytes(_ lanes: Int) -> String {
    let t = type(.int32, lanes)
    let bytes = type(.uint8, lanes)
    return define("gn_mask_of_bytes_x\(lanes)") { _ in
      "static inline \(t) NAME(\(bytes) v) { return __builtin_convertvector(v, \(t)) != 0; }"
    }
  }

  mutating func bytesOfMask(_ lanes: Int) -> String {
    let t = type(.int32, lanes)
    let bytes = type(.uint8, lanes)
    return define("gn_bytes_of_mask_x\(lanes)") { _ in
      "static inline \(bytes) NAME(\(t) m) { return __builtin_convertvector(m & 1, \(bytes)); }"
    }
  }

  // MARK: - Scalar functions applied lane by lane

  /// A vector function from a scalar one.
  mutating func lanewise(
    _ name: String, result: DType, _ arguments: [DType], lanes: Int,
    scalar: (inout Helpers, String) -> String
  ) -> String {
    let base = define(name) { helpers in scalar(&helpers, name) }
    guard lanes > 1 else { return base }
    let t = type(result, lanes)
    let types = arguments.map { type($0, lanes) }
    return define("\(name)x\(lanes)") { _ in
      let list = types.enumerated().map { "\($1) a\($0)" }.joined(separator: ", ")
      let call = arguments.indices.map { "a\($0)[l]" }.joined(separator: ", ")
      return """
        static inline \(t) NAME(\(list)) {
          \(t) v;
          for (int l = 0; l < \(lanes); ++l) { v[l] = \(base)(\(call)); }
          return v;
        }
        """
    }
  }

  /// Floor division and remainder of integers; by zero they give 0.
  mutating func integerDivision(_ op: ScalarOp, _ dtype: DType, _ lanes: Int) -> String {
    let t = VectorTypes.scalar(dtype)
    let isDivide = op == .divide
    return lanewise(
      "gn_\(isDivide ? "div" : "mod")_\(dtype.irName)", result: dtype, [dtype, dtype], lanes: lanes
    ) { _, _ in
      if !dtype.isSignedInteger {
        return
          "static inline \(t) NAME(\(t) a, \(t) b) { return (\(t))(b == 0 ? 0 : a \(isDivide ? "/" : "%") b); }"
      }
      let u = VectorTypes.scalar(VectorTypes.unsigned(dtype))
      // The smallest integer by -1 overflows; negation wraps instead.
      return isDivide
        ? """
        static inline \(t) NAME(\(t) a, \(t) b) {
          if (b == 0) { return 0; }
          if (b == -1) { return (\(t))(\(u))(0 - (\(u))a); }
          return (\(t))(a / b - ((a % b != 0) & ((a < 0) != (b < 0))));
        }
        """
        : """
        static inline \(t) NAME(\(t) a, \(t) b) {
          if (b == 0 || b == -1) { return 0; }
          \(t) r = (\(t))(a % b);
          return (\(t))(r != 0 && (r < 0) != (b < 0) ? r + b : r);
        }
        """
    }
  }

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

  /// A shift by a count that may be out of range.
  mutating func shift(_ op: ScalarOp, _ dtype: DType, _ lanes: Int) -> String {
    let t = VectorTypes.scalar(dtype)
    let u = dtype.byteCount == 8 ? "uint64_t" : "uint32_t"
    let bits = dtype.byteCount * 8
    let isLeft = op == .shiftLeft
    return lanewise(
      "gn_\(isLeft ? "shl" : "shr")_\(dtype.irName)", result: dtype, [dtype, dtype], lanes: lanes
    ) { _, _ in
      let inside = isLeft ? "(\(t))((\(u))a << n)" : "(\(t))(a >> n)"
      let outside = isLeft || !dtype.isSignedInteger ? "0" : "(\(t))(a < 0 ? -1 : 0)"
      let fits = dtype.isSignedInteger ? "n >= 0 && n < \(bits)" : "n < \(bits)"
      return "static inline \(t) NAME(\(t) a, \(t) n) { return \(fits) ? \(inside) : \(outside); }"
    }
  }

  /// Float to integer: toward zero, saturating, NaN to 0.
  mutating func saturate(_ from: DType, _ to: DType, _ lanes: Int) -> String {
    let f = VectorTypes.scalar(from)
    let t = VectorTypes.scalar(to)
    let bits = to.byteCount * 8
    let isSigned = to.isSignedInteger
    // The first float beyond the range: exact in both float types.
    let above = isSigned ? "0x1p\(bits - 1)" : "0x1p\(bits)"
    let largest = isSigned ? "INT\(bits)_MAX" : "UINT\(bits)_MAX"
    let smallest = isSigned ? "INT\(bits)_MIN" : "0"
    let below = isSigned ? "a < -0x1p\(bits - 1)" : "a <= 0"
    let s = from == .float32 ? "f" : ""
    return lanewise("gn_\(to.irName)_of_\(from.irName)", result: to, [from], lanes: lanes) { _, _ in
      """
      static inline \(t) NAME(\(f) a) {
        if (a != a) { return 0; }
        if (a >= \(above)\(s)) { return \(largest); }
        if (\(below)) { return \(smallest); }
        return (\(t))a;
      }
      """
    }
  }

  // MARK: - Half floats

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

  // MARK: - Functions

  /// A mathematical function at a width, from its scalar program.
  mutating func math(_ f: MathFunction, _ dtype: DType, _ lanes: Int) -> String {
    guard let program = f.definition(dtype) else {
      let name = f.libmName(dtype)!
      let t = VectorTypes.scalar(dtype)
      let arguments = [DType](repeating: dtype, count: f.arity)
      let list = arguments.map { _ in t }.joined(separator: ", ")
      return lanewise(name, result: dtype, arguments, lanes: lanes) { _, _ in
        "\(t) \(name)(\(list));"
      }
    }
    let t = register(dtype, lanes)
    return define("gn_\(f.rawValue)_\(Self.suffix(dtype, lanes))") { helpers in
      var emitter = ScalarEmitter(helpers: helpers)
      let body = emitter.functionBody(program, lanes: lanes)
      helpers = emitter.helpers
      let list = (0..<f.arity).map { "\(t) x\($0)" }.joined(separator: ", ")
      return """
        static inline __attribute__((always_inline)) \(t) NAME(\(list)) {
        \(body)
        }
        """
    }
  }
}
