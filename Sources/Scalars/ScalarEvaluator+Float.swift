internal import GnomonTensors

extension ScalarEvaluator {
  /// One operation on float32 values; arithmetic rounds once.
  static func float(_ op: ScalarOp, _ a: Float, _ b: Float, _ c: Float) -> UInt64 {
    func bits(_ x: Float) -> UInt64 { UInt64(x.bitPattern) }
    return switch op {
    case .negate: bits(-a)
    case .absolute: bits(a.magnitude)
    case .squareRoot: bits(a.squareRoot())
    case .floor: bits(a.rounded(.down))
    case .ceiling: bits(a.rounded(.up))
    case .roundEven: bits(a.rounded(.toNearestOrEven))
    case .truncate: bits(a.rounded(.towardZero))
    case .add: bits(a + b)
    case .subtract: bits(a - b)
    case .multiply: bits(a * b)
    case .divide: bits(a / b)
    case .remainder: bits(remainder(a, b))
    case .minimum: bits(minimum(a, b))
    case .maximum: bits(maximum(a, b))
    case .less: a < b ? 1 : 0
    case .lessEqual: a <= b ? 1 : 0
    case .equal: a == b ? 1 : 0
    case .notEqual: a != b ? 1 : 0
    case .multiplyAdd: bits(c.addingProduct(a, b))
    case .scale: bits(scale(a, b))
    case .reciprocalRoot: call(.rsqrt, .float32, bits(a), 0)
    default: preconditionFailure("\(op) of float32")
    }
  }

  /// One operation on float64 values; arithmetic rounds once.
  static func double(_ op: ScalarOp, _ a: Double, _ b: Double, _ c: Double) -> UInt64 {
    func bits(_ x: Double) -> UInt64 { x.bitPattern }
    return switch op {
    case .negate: bits(-a)
    case .absolute: bits(a.magnitude)
    case .squareRoot: bits(a.squareRoot())
    case .floor: bits(a.rounded(.down))
    case .ceiling: bits(a.rounded(.up))
    case .roundEven: bits(a.rounded(.toNearestOrEven))
    case .truncate: bits(a.rounded(.towardZero))
    case .add: bits(a + b)
    case .subtract: bits(a - b)
    case .multiply: bits(a * b)
    case .divide: bits(a / b)
    case .remainder: bits(remainder(a, b))
    case .minimum: bits(minimum(a, b))
    case .maximum: bits(maximum(a, b))
    case .less: a < b ? 1 : 0
    case .lessEqual: a <= b ? 1 : 0
    case .equal: a == b ? 1 : 0
    case .notEqual: a != b ? 1 : 0
    case .multiplyAdd: bits(c.addingProduct(a, b))
    case .scale: bits(scale(a, b))
    default: preconditionFailure("\(op) of float64")
    }
  }

  /// `x * 2^k`: two factors, of which only the second can round.
  static func scale<T: BinaryFloatingPoint>(_ x: T, _ k: T) -> T {
    guard k.isFinite else { return .nan }
    let half = Int(k) / 2
    func power(_ n: Int) -> T { T(sign: .plus, exponent: T.Exponent(n), significand: 1) }
    return x * power(half) * power(Int(k) - half)
  }

  /// `x - floor(x / y) * y` without its rounding errors: the sign of the divisor, as Python and NumPy.
  static func remainder<T: BinaryFloatingPoint>(_ x: T, _ y: T) -> T {
    let r = x.truncatingRemainder(dividingBy: y)
    if r == 0 { return T(signOf: y, magnitudeOf: 0) }
    return (r < 0) != (y < 0) ? r + y : r
  }

  /// The smaller; NaN if either is; -0 is below +0.
  static func minimum<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
    if a.isNaN || b.isNaN { return a + b }
    if a == b { return a.sign == .minus ? a : b }
    return a < b ? a : b
  }

  /// The larger; NaN if either is; +0 is above -0.
  static func maximum<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
    if a.isNaN || b.isNaN { return a + b }
    if a == b { return a.sign == .minus ? b : a }
    return a > b ? a : b
  }
}
