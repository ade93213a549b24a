internal import GnomonScalars
internal import GnomonTensors

// Integers, by the rules of IR/README.md: nothing traps, nothing is undefined.
extension Helpers {
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
}
