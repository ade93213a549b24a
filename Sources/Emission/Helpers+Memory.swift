internal import GnomonTensors

// Loads and stores: whole vectors, the first lanes of one, lanes a step apart, square blocks, masks.
extension Helpers {
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

  /// A store that goes past the caches if asked, by lines or halves of lines: a vector that lies
  /// across two lines takes the usual way. Nil for vectors below 16 bytes.
  mutating func stream(_ dtype: DType, _ lanes: Int) -> String? {
    let parts = (dtype.byteCount * lanes + 31) / 32
    guard dtype.byteCount * lanes >= 16 else { return nil }
    let t = type(dtype, lanes)
    let part = type(dtype, lanes / parts)
    let store = self.store(dtype, lanes)
    return define("gn_stream_\(Self.suffix(dtype, lanes))") { _ in
      let stores = (0..<parts).map { p in
        let chosen = (0..<lanes / parts).map { "\($0 + p * lanes / parts)" }
        let value =
          parts == 1
          ? "v" : "__builtin_shufflevector(v, v, \(chosen.joined(separator: ", ")))"
        return "    __builtin_nontemporal_store(\(value), (\(part) *)(p + \(p * lanes / parts)));"
      }
      return """
        static inline void NAME(\(VectorTypes.scalar(dtype)) *p, \(t) v, int32_t streams) {
        #if defined(__clang__) && defined(__x86_64__)
          if (streams && ((uintptr_t)p & \(min(dtype.byteCount * lanes, 32) - 1)) == 0) {
        \(stores.joined(separator: "\n"))
            return;
          }
        #else
          (void)streams;
        #endif
          \(store)(p, v);
        }
        """
    }
  }

  /// Ends a stretch of `stream`.
  mutating func streamed() -> String {
    define("gn_streamed") { _ in
      """
      static inline void NAME(void) {
      #if defined(__clang__) && defined(__x86_64__)
        __builtin_ia32_sfence();
      #endif
      }
      """
    }
  }

  /// The masked instructions of AVX-512 for a vector of 64 bytes, or nil.
  private static func masked(_ dtype: DType, _ lanes: Int) -> (
    load: String, store: String, cast: String, vector: String, mask: String
  )? {
    guard dtype.byteCount * lanes == 64 else { return nil }
    return switch dtype {
    case .float32: ("loadups512", "storeups512", "float", "gn_v16sf", "unsigned short")
    case .float64: ("loadupd512", "storeupd512", "double", "gn_v8df", "unsigned char")
    case .int32, .uint32: ("loaddqusi512", "storedqusi512", "int", "gn_v16si", "unsigned short")
    case .int64, .uint64: ("loaddqudi512", "storedqudi512", "long long", "gn_v8di", "unsigned char")
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
      return """
        static inline \(t) NAME(const \(element) *p, int64_t n) {
        #ifdef __AVX512F__
          return (\(t))__builtin_ia32_\(m.load)_mask((const \(m.cast) *)p, (\(m.vector)){0}, (\(m.mask))((1u << n) - 1));
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
      return """
        static inline void NAME(\(element) *p, \(t) v, int64_t n) {
        #ifdef __AVX512F__
          __builtin_ia32_\(m.store)_mask((\(m.cast) *)p, (\(m.vector))v, (\(m.mask))((1u << n) - 1));
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
        "static __attribute__((noinline)) void NAME("
          + "const \(element) *p, int64_t step, \(element) *q, int64_t distance) {"
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
}
