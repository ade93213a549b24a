internal import GnomonScalars
internal import GnomonTensors

/// The small C functions that emitted code calls, each written once per unit when something needs it.
///
/// They come in an order in which each stands after what it uses.
struct Helpers {
  private(set) var types: [String] = []
  private(set) var functions: [Function] = []
  private var known: Set<String> = []

  struct Function {
    let name: String
    let text: String
    var mayBeUnused = false

    var definition: String {
      let named = text.replacingBytes(of: "NAME", with: name)
      return mayBeUnused ? "__attribute__((unused)) \(named)" : named
    }
  }

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
      functions.append(Function(name: name, text: t))
    }
    return name
  }

  static func suffix(_ dtype: DType, _ lanes: Int) -> String {
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

  /// A part of four vectors joined element by element: pairs first, then the pairs of both.
  mutating func interleave(_ dtype: DType, _ lanes: Int, part: Int) -> String {
    let t = type(dtype, lanes)
    return define("gn_interleave_\(Self.suffix(dtype, lanes))_part\(part)") { _ in
      let first = part * lanes / 4
      let pairs = (0..<lanes).map { l in
        l % 4 < 2 ? "\(first + l / 4 + (l % 2) * lanes)" : "-1"
      }
      let others = (0..<lanes).map { l in
        l % 4 < 2 ? "-1" : "\(first + l / 4 + (l % 2) * lanes)"
      }
      let both = (0..<lanes).map { l in "\(l % 4 < 2 ? l : l + lanes)" }
      return """
        static inline \(t) NAME(\(t) a, \(t) b, \(t) c, \(t) d) {
          \(t) ab = __builtin_shufflevector(a, b, \(pairs.joined(separator: ", ")));
          \(t) cd = __builtin_shufflevector(c, d, \(others.joined(separator: ", ")));
          return __builtin_shufflevector(ab, cd, \(both.joined(separator: ", ")));
        }
        """
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
    if f == .rsqrt, dtype == .float32 {
      return reciprocalRoot("gn_rsqrt_\(Self.suffix(dtype, lanes))", program, lanes)
    }
    return function("gn_\(f.rawValue)_\(Self.suffix(dtype, lanes))", program, dtype, lanes)
  }

  /// A program of results and operands of one type as a function. Where the compiler has `condition`,
  /// the function is `instead`.
  mutating func function(
    _ name: String, _ program: ScalarProgram, _ dtype: DType, _ lanes: Int,
    where condition: String = "", instead: String = ""
  ) -> String {
    let t = register(dtype, lanes)
    return define(name) { helpers in
      let first = helpers.functions.count
      var emitter = ScalarEmitter(helpers: helpers)
      let body = emitter.functionBody(program, lanes: lanes)
      helpers = emitter.helpers
      if !condition.isEmpty {
        // Where the condition holds nothing may call what the program alone calls.
        for i in first..<helpers.functions.count { helpers.functions[i].mayBeUnused = true }
      }
      let list = program.operands.indices.map { "\(t) x\($0)" }.joined(separator: ", ")
      let whole =
        condition.isEmpty ? body : "#if \(condition)\n\(instead)\n#else\n\(body)\n#endif"
      return """
        static inline __attribute__((always_inline)) \(t) NAME(\(list)) {
        \(whole)
        }
        """
    }
  }
}
