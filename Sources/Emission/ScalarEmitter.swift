internal import GnomonCSyntax
internal import GnomonScalars
internal import GnomonTensors

/// Spells one scalar operation in C, on scalars or vectors.
struct ScalarEmitter {
  var helpers: Helpers

  /// As `expression`, as text: for the bodies of helpers.
  mutating func text(
    _ op: ScalarOp, _ dtype: DType, argument: DType, lanes: Int, _ x: [String],
    constants: [UInt64?]
  ) -> String {
    CPrinter.text(
      expression(
        op, dtype, argument: argument, lanes: lanes, x.map { .name($0) }, constants: constants))
  }

  /// The value of `op` on registers. `argument` is the dtype of the first operand (of the chosen
  /// values for `select`); `constants` holds the bits of operands that are known.
  mutating func expression(
    _ op: ScalarOp, _ dtype: DType, argument: DType, lanes: Int, _ x: [CExpression],
    constants: [UInt64?]
  ) -> CExpression {
    let isVector = lanes > 1
    switch op {
    case .operand, .index, .randomWord: preconditionFailure("\(op.name) is not an operation")
    case .constant(let bits): return constant(bits, dtype, lanes)

    case .add, .subtract, .multiply:
      let sign = op == .add ? "+" : op == .subtract ? "-" : "*"
      return arithmetic(sign, dtype, lanes, x[0], x[1])
    case .negate:
      return dtype.isFloat
        ? .unary("-", x[0]) : arithmetic("-", dtype, lanes, zero(dtype, lanes), x[0])
    case .divide:
      if dtype.isFloat { return .binary("/", x[0], x[1]) }
      if let power = powerOfTwo(constants[1], dtype) {
        return narrowed(.binary(">>", x[0], .integer(power)), dtype, lanes)
      }
      return .call(helpers.integerDivision(.divide, dtype, lanes), x)
    case .remainder:
      if dtype.isFloat { return .call(helpers.floatRemainder(dtype, lanes), x) }
      if let power = powerOfTwo(constants[1], dtype) {
        return narrowed(.binary("&", x[0], .integer(1 << power - 1)), dtype, lanes)
      }
      return .call(helpers.integerDivision(.remainder, dtype, lanes), x)
    case .minimum, .maximum:
      if dtype == .bool { return .binary(op == .minimum ? "&" : "|", x[0], x[1]) }
      if dtype.isFloat && isVector { return .call(helpers.extremum(op, dtype, lanes), x) }
      let name = op == .minimum ? "min" : "max"
      return .call("__builtin_elementwise_\(name)\(dtype.isFloat ? "imum" : "")", x)
    case .multiplyHigh:
      if !isVector {
        return .cast("uint32_t", .binary(">>", .binary("*", .cast("uint64_t", x[0]), x[1]), 32))
      }
      return .call(helpers.multiplyHigh(lanes), x)
    case .multiplyAdd:
      return dtype.isFloat
        ? .call("GN_FMA", x)
        : arithmetic("+", dtype, lanes, arithmetic("*", dtype, lanes, x[0], x[1]), x[2])
    case .scale: return .call(helpers.scale(dtype, lanes), x)

    case .absolute:
      if dtype.isUnsignedInteger || dtype == .bool { return x[0] }
      if dtype.isFloat || isVector { return .call("__builtin_elementwise_abs", x) }
      return .conditional(
        .binary("<", x[0], 0), arithmetic("-", dtype, 1, zero(dtype, 1), x[0]), x[0])
    case .reciprocalRoot: return .call(helpers.reciprocalRoot(lanes), x)
    case .squareRoot: return .call("__builtin_elementwise_sqrt", x)
    case .floor, .ceiling, .roundEven, .truncate:
      if !dtype.isFloat { return x[0] }
      let name =
        switch op {
        case .floor: "floor"
        case .ceiling: "ceil"
        case .roundEven: "roundeven"
        default: "trunc"
        }
      return .call("__builtin_elementwise_\(name)", x)

    case .less, .lessEqual, .equal, .notEqual:
      let sign =
        switch op {
        case .less: "<"
        case .lessEqual: "<="
        case .equal: "=="
        default: "!="
        }
      if argument == .bool && isVector && (op == .less || op == .lessEqual) {
        // Masks are 0 and -1, the other way round.
        return .binary(sign, x[1], x[0])
      }
      let compared = CExpression.binary(sign, x[0], x[1])
      guard isVector, argument != .bool, argument.byteCount != 4 else { return compared }
      return .call("__builtin_convertvector", [compared, .name(helpers.type(.int32, lanes))])
    case .and, .or, .xor:
      let sign = op == .and ? "&" : op == .or ? "|" : "^"
      return narrowed(.binary(sign, x[0], x[1]), dtype, lanes)
    case .not:
      if dtype == .bool { return isVector ? .unary("~", x[0]) : .unary("!", x[0]) }
      return narrowed(.unary("~", x[0]), dtype, lanes)
    case .shiftLeft, .shiftRight:
      if let n = constants[1], n < UInt64(dtype.byteCount * 8) {
        if op == .shiftRight { return narrowed(.binary(">>", x[0], x[1]), dtype, lanes) }
        if isVector { return .binary("<<", x[0], x[1]) }
        let u = dtype.byteCount == 8 ? CType("uint64_t") : "uint32_t"
        return .cast(CType(VectorTypes.scalar(dtype)), .binary("<<", .cast(u, x[0]), x[1]))
      }
      return .call(helpers.shift(op, dtype, lanes), x)

    case .select: return select(dtype, lanes, x)
    case .convert: return convert(x[0], from: argument, to: dtype, lanes)
    case .reinterpret:
      if isVector { return .cast(CType(helpers.register(dtype, lanes)), x[0]) }
      if !argument.isFloat && !dtype.isFloat {
        return .cast(CType(VectorTypes.scalar(dtype)), x[0])
      }
      return .call(helpers.reinterpret(argument, dtype), x)
    case .call(let f): return .call(helpers.math(f, dtype, lanes), x)
    }
  }

  // MARK: - Parts

  func literal(_ bits: UInt64, _ dtype: DType) -> String {
    switch dtype {
    case .bool: return bits & 1 == 0 ? "0" : "1"
    case .float32:
      let f = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      if f.isNaN { return "__builtin_nanf(\"\")" }
      if f.isInfinite { return f < 0 ? "-__builtin_inff()" : "__builtin_inff()" }
      return "\(f)f"
    case .float64:
      let d = Double(bitPattern: bits)
      if d.isNaN { return "__builtin_nan(\"\")" }
      if d.isInfinite { return d < 0 ? "-__builtin_inf()" : "__builtin_inf()" }
      return "\(d)"
    case .float16, .bfloat16: return "\(bits & 0xFFFF)"
    case .uint64: return "UINT64_C(\(bits))"
    case .uint32: return "\(bits & 0xFFFF_FFFF)u"
    case .int64:
      let n = Int64(bitPattern: bits)
      return n == Int64.min ? "INT64_MIN" : "INT64_C(\(n))"
    case .int32:
      let n = Int32(truncatingIfNeeded: bits)
      return n == Int32.min ? "INT32_MIN" : "\(n)"
    default: return "\(Int64(bitPattern: ScalarBits.wrap(bits, dtype)))"
    }
  }

  private mutating func constant(_ bits: UInt64, _ dtype: DType, _ lanes: Int) -> CExpression {
    let scalar = CExpression.literal(literal(bits, dtype))
    return lanes == 1 ? scalar : .call(helpers.splat(dtype, lanes), [scalar])
  }

  private mutating func zero(_ dtype: DType, _ lanes: Int) -> CExpression {
    lanes == 1 ? 0 : .compound(CType(helpers.register(dtype, lanes)), [0])
  }

  /// Integers wrap, so they are computed as unsigned ones; narrow scalars in 32 bits.
  private mutating func arithmetic(
    _ sign: String, _ dtype: DType, _ lanes: Int, _ a: CExpression, _ b: CExpression
  ) -> CExpression {
    if dtype.isFloat { return .binary(sign, a, b) }
    if lanes > 1 {
      let u = CType(helpers.type(VectorTypes.unsigned(dtype), lanes))
      let result = CExpression.binary(sign, .cast(u, a), .cast(u, b))
      return dtype.isSignedInteger ? .cast(CType(helpers.type(dtype, lanes)), result) : result
    }
    let u: CType = dtype.byteCount == 8 ? "uint64_t" : "uint32_t"
    return .cast(
      CType(VectorTypes.scalar(dtype)), .binary(sign, .cast(u, a), .cast(u, b)))
  }

  /// C computes narrow integers as int; back to their own type.
  private func narrowed(_ e: CExpression, _ dtype: DType, _ lanes: Int) -> CExpression {
    lanes == 1 && dtype.byteCount < 4 && dtype != .bool
      ? .cast(CType(VectorTypes.scalar(dtype)), e) : e
  }

  private mutating func select(_ dtype: DType, _ lanes: Int, _ x: [CExpression]) -> CExpression {
    if lanes == 1 { return narrowed(.conditional(x[0], x[1], x[2]), dtype, 1) }
    let own = helpers.register(dtype, lanes)
    let size: DType = dtype == .bool ? .int32 : VectorTypes.maskType(dtype)
    let m = helpers.type(size, lanes)
    return .call(
      helpers.define("gn_select_\(dtype.irName)x\(lanes)") { helpers in
        let mask = helpers.type(.int32, lanes)
        let widened = m == mask ? "c" : "__builtin_convertvector(c, \(m))"
        // The compiler knows this form as a blend; C has no conditional on vectors.
        return """
          static inline \(own) NAME(\(mask) c, \(own) a, \(own) b) {
            \(m) m = \(widened);
            return (\(own))(((\(m))a & m) | ((\(m))b & ~m));
          }
          """
      }, x)
  }

  private mutating func convert(
    _ x: CExpression, from: DType, to: DType, _ lanes: Int
  ) -> CExpression {
    let isVector = lanes > 1
    func vector(_ e: CExpression, _ type: DType, _ s: inout ScalarEmitter) -> CExpression {
      .call("__builtin_convertvector", [e, .name(s.helpers.type(type, lanes))])
    }
    if from == to { return x }
    if to == .bool {
      var value = x
      var type = from
      if from == .float16 || from == .bfloat16 {
        value = convert(x, from: from, to: .float32, lanes)
        type = .float32
      }
      if !isVector { return .binary("!=", value, 0) }
      let compared = CExpression.binary(
        "!=", value, .compound(CType(helpers.register(type, lanes)), [0]))
      return type.byteCount == 4 ? compared : vector(compared, .int32, &self)
    }
    if from == .bool {
      if to == .float16 || to == .bfloat16 {
        return convert(convert(x, from: .bool, to: .float32, lanes), from: .float32, to: to, lanes)
      }
      return isVector
        ? vector(.binary("&", x, 1), to, &self) : .cast(CType(VectorTypes.scalar(to)), x)
    }
    switch (from, to) {
    case (.float16, .float32): return .call(helpers.floatOfHalf(lanes), [x])
    case (.bfloat16, .float32):
      if isVector {
        let u = vector(x, .uint32, &self)
        return .cast(CType(helpers.type(.float32, lanes)), .binary("<<", u, 16))
      }
      return .call(
        helpers.reinterpret(.uint32, .float32), [.binary("<<", .cast("uint32_t", x), 16)])
    case (.float16, _), (.bfloat16, _):
      return convert(convert(x, from: from, to: .float32, lanes), from: .float32, to: to, lanes)
    case (.float64, .float16): return .call(helpers.halfOfDouble(lanes), [x])
    case (_, .float16):
      return convert(
        convert(x, from: from, to: .float64, lanes), from: .float64, to: .float16, lanes)
    case (.float32, .bfloat16), (.float64, .bfloat16):
      return .call(helpers.bfloatOf(from, lanes), [x])
    case (_, .bfloat16):
      return convert(convert(x, from: from, to: .float64, lanes), from: .float64, to: to, lanes)
    default: break
    }
    if from.isFloat && !to.isFloat { return .call(helpers.saturate(from, to, lanes), [x]) }
    return isVector ? vector(x, to, &self) : .cast(CType(VectorTypes.scalar(to)), x)
  }

  // MARK: - Whole programs

  /// The exponent of a divisor that is 1, 2, 4, …: quotients are rounded down, so that they are shifts,
  /// and what is left are the bits below.
  private func powerOfTwo(_ divisor: UInt64?, _ dtype: DType) -> Int? {
    guard let divisor, dtype != .bool, divisor.nonzeroBitCount == 1 else { return nil }
    let power = divisor.trailingZeroBitCount
    // The highest bit of a signed integer is its sign; shifts of 62 bits are as many as literals have.
    return power < min(dtype.byteCount * 8 - 1, 62) ? power : nil
  }

  /// The statements of a function with operands `x0`, `x1`, that returns the program's result.
  mutating func functionBody(_ program: ScalarProgram, lanes: Int) -> String {
    var lines: [String] = []
    var names: [String] = []
    var constants: [UInt64?] = []
    for (n, i) in program.instructions.enumerated() {
      if case .operand(let k) = i.op {
        names.append("x\(k)")
        constants.append(nil)
        continue
      }
      let value = text(
        i.op, i.dtype, argument: program.argumentType(of: i), lanes: lanes,
        i.arguments.map { names[$0] }, constants: i.arguments.map { constants[$0] })
      if case .constant(let bits) = i.op { constants.append(bits) } else { constants.append(nil) }
      names.append("t\(n)")
      lines.append("  const \(helpers.register(i.dtype, lanes)) t\(n) = \(value);")
    }
    lines.append("  return \(names[program.results[0]]);")
    return lines.joined(separator: "\n")
  }
}
