internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Removes selections that are decided and casts that change nothing.
///
///     %1 = constant true : bool[]
///     %2 = select %1, %0, %0 : f32[4]
///     %3 = cast %2 {to = "f64"} : f64[4]
///     %4 = cast %3 {to = "f32"} : f32[4]
///     return %4
/// ->
///     return %0
package let simplifySelections = RulePass(
  "simplify-selections", "Remove selections that are decided and casts that change nothing.",
  selections + casts)

private let c = Pattern.value(0)
private let x = Pattern.value(1)
private let y = Pattern.value(2)
private let z = Pattern.value(3)

private let selections: [Rule] = [
  Rule("select(true, x, y) = x", at: Select.self) { rewriter, _, site in
    guard let condition = rewriter.scalar(site.operands[0]), condition.bits != 0 else { return nil }
    return try rewriter.fit(site.operands[1], site.type)
  },
  Rule("select(false, x, y) = y", at: Select.self) { rewriter, _, site in
    guard let condition = rewriter.scalar(site.operands[0]), condition.bits == 0 else { return nil }
    return try rewriter.fit(site.operands[2], site.type)
  },
  Rule("select(c, x, x) = x", Select()(c, x, x), becomes: x),
  Rule("select(c, true, false) = c", Select()(c, 1, 0), becomes: c, for: .bools),
  Rule("select(c, false, true) = not c", Select()(c, 0, 1), becomes: Not()(c), for: .bools),
  Rule(
    "select(not c, x, y) = select(c, y, x)", Select()(Not()(c), x, y), becomes: Select()(c, y, x)),
  Rule(
    "select(c, select(c, x, y), z) = select(c, x, z)", Select()(c, Select()(c, x, y), z),
    becomes: Select()(c, x, z)),
  Rule(
    "select(c, x, select(c, y, z)) = select(c, x, z)", Select()(c, x, Select()(c, y, z)),
    becomes: Select()(c, x, z)),
]

private let casts: [Rule] = [
  Rule("cast(x) = x, same dtype", at: Cast.self) { rewriter, cast, site in
    rewriter.type(of: site.operands[0]).dtype == cast.to ? site.operands[0] : nil
  },
  Rule("cast(cast(x)) = cast(x), exact first cast", at: Cast.self) { rewriter, cast, site in
    guard let (inner, operands) = rewriter.find(Cast.self, site.operands[0]) else { return nil }
    let source = rewriter.type(of: operands[0]).dtype
    guard source.isHeldExactly(by: inner.to) else { return nil }
    // Integers are cut to a narrower integer but floats saturate: the way through a float is only
    // the same if nothing is cut.
    if !source.isFloat, inner.to.isFloat, cast.to.isInteger,
      !source.isHeldExactly(by: cast.to)
    {
      return nil
    }
    return try rewriter.emit(Cast(to: cast.to), operands[0])
  },
]

extension DType {
  /// Whether every value of this dtype is a value of `other`.
  func isHeldExactly(by other: DType) -> Bool {
    if self == other || self == .bool { return true }
    if other == .bool { return false }
    switch (isFloat, other.isFloat) {
    case (true, true):
      return other == .float64 || (other == .float32 && self != .float64)
    case (true, false): return false
    case (false, true): return valueBits <= other.significandBits
    case (false, false):
      if isUnsignedInteger { return other.valueBits >= valueBits }
      return other.isSignedInteger && other.valueBits >= valueBits
    }
  }

  /// The bits of an integer's magnitude.
  private var valueBits: Int { byteCount * 8 - (isSignedInteger ? 1 : 0) }

  /// Integers of this many bits are exact. Half floats do not reach: 2^15 is near float16's end.
  private var significandBits: Int {
    switch self {
    case .float64: 53
    case .float32: 24
    case .float16: 11
    case .bfloat16: 8
    default: 0
    }
  }
}
