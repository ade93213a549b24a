public import GnomonIR
internal import GnomonTensors

/// How many bits of each element are 1.
///
/// - Parameter x: an integer tensor; negative numbers in two's complement.
/// - Returns: the same dtype.
@_transparent public func bitCount(_ x: Expr) -> Expr { _bitCount(x, .here()) }

@usableFromInline func _bitCount(_ x: Expr, _ at: Location) -> Expr {
  let x = x.settled(.int64)
  if let bad = integersOnly(x, "bitCount", at) { return bad }
  return at.serving("bitCount") {
    // Sums of neighbouring fields of 1, 2 and 4 bits; then the bytes.
    let wide: DType = x.dtype.byteCount == 8 ? .uint64 : .uint32
    var v = x.unsignedBits().cast(to: wide)
    func mask(_ byte: UInt64) -> Expr {
      .constant(
        Tensor(
          dtype: wide, shape: [], bits: [wide == .uint32 ? byte & 0xFFFF_FFFF : byte]))
    }
    v = v - ((v .>> 1) .& mask(0x5555_5555_5555_5555))
    v = (v .& mask(0x3333_3333_3333_3333)) + ((v .>> 2) .& mask(0x3333_3333_3333_3333))
    v = (v + (v .>> 4)) .& mask(0x0F0F_0F0F_0F0F_0F0F)
    let total = (v * mask(0x0101_0101_0101_0101)) .>> Expr(wide == .uint32 ? 24 : 56)
    return total.cast(to: x.dtype)
  }
}

/// How many bits of each element, from the highest, are 0 before the first 1.
///
/// - Parameter x: an integer tensor; negative numbers in two's complement, so that they have none.
/// - Returns: the same dtype.
@_transparent public func leadingZeros(_ x: Expr) -> Expr { _leadingZeros(x, .here()) }

@usableFromInline func _leadingZeros(_ x: Expr, _ at: Location) -> Expr {
  let x = x.settled(.int64)
  if let bad = integersOnly(x, "leadingZeros", at) { return bad }
  return at.serving("leadingZeros") {
    // Every place below the highest 1 is filled; what is left are the zeros above.
    var v = x.unsignedBits()
    var distance = 1
    while distance < x.dtype.byteCount * 8 {
      v = v .| (v .>> Expr(Double(distance)))
      distance *= 2
    }
    return bitCount(.!v).cast(to: x.dtype)
  }
}

/// The number of the dtype next to `x` in the direction of `y`.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - y: the same dtype; broadcasts.
@_transparent public func nextAfter(_ x: Expr, _ y: Expr) -> Expr { _nextAfter(x, y, .here()) }

@usableFromInline func _nextAfter(_ x: Expr, _ y: Expr, _ at: Location) -> Expr {
  let (x, y) = settledPair(x, y)
  if let bad = floatsOnly(x, "nextAfter", at) ?? floatsOnly(y, "nextAfter", at) { return bad }
  return at.serving("nextAfter") {
    let word: DType = x.dtype.byteCount == 8 ? .int64 : x.dtype.byteCount == 4 ? .int32 : .int16
    let bits = x.bitcast(to: word)
    // Away from 0 the pattern grows by one, for both signs.
    let outward = (x .< y) .== (x .> 0)
    let neighbour = (bits + select(outward, 1, Expr.constant(-1, word, at: at)))
      .bitcast(to: x.dtype)
    let one = Expr.constant(1, word, at: at).bitcast(to: x.dtype)
    let fromZero = select(y .> 0, one, -one)
    let moved = select(x .== 0, fromZero, neighbour)
    return select(isNaN(x) .| isNaN(y), x + y, select(x .== y, y, moved))
  }
}

/// The product `x 2^n`.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - n: integers; broadcast.
@_transparent public func ldexp(_ x: Expr, _ n: Expr) -> Expr { _ldexp(x, n, .here()) }

@usableFromInline func _ldexp(_ x: Expr, _ n: Expr, _ at: Location) -> Expr {
  let (x, n) = (x.settled(), n.settled(.int32))
  if let bad = floatsOnly(x, "ldexp", at) ?? integersOnly(n, "ldexp", at) { return bad }
  return .elementwise("ldexp", x, at) { x in
    // In three factors that are normal numbers.
    let limit = x.dtype == .float32 ? 300.0 : 2200.0
    let k = minimum(maximum(n.cast(to: .float64), Expr(-limit)), Expr(limit))
    let third = truncate(k / 3)
    let rest = k - 2 * third
    let step = exp2(third).cast(to: x.dtype)
    return x * step * step * exp2(rest).cast(to: x.dtype)
  }
}

extension Expr {
  /// The bits of an integer tensor as the unsigned dtype of the same size.
  func unsignedBits() -> Expr {
    let word: DType =
      switch dtype.byteCount {
      case 1: .uint8
      case 2: .uint16
      case 4: .uint32
      default: .uint64
      }
    return dtype == word ? self : bitcast(to: word)
  }
}
