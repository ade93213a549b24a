/// How the floats of one tensor are written so that they align: NumPy's rules with its defaults
/// (at most 8 digits after the point, shortest digits first).
struct FloatFormat {
  private static let precision = 8
  private let dtype: DType
  private let scientific: Bool
  /// Widths of the part before the point and after it.
  private var left = 0
  private var right = 0
  private var powerDigits = 2

  init(_ values: [Double], _ dtype: DType) {
    self.dtype = dtype
    let finite = values.filter(\.isFinite)
    scientific = FloatFormat.needsExponent(finite.map(\.magnitude).filter { $0 != 0 }, dtype)
    for x in finite {
      let digits = Digits(shortest: x, dtype)
      if scientific {
        let (whole, fraction, power) = digits.scientific(x, precision: FloatFormat.precision)
        left = max(left, whole.count)
        right = max(right, fraction.count)
        powerDigits = max(powerDigits, power.count - 1)
      } else {
        let (whole, fraction) = digits.positional(x, precision: FloatFormat.precision)
        left = max(left, whole.count)
        right = max(right, fraction.count)
      }
    }
    if finite.count < values.count {
      let tail = finite.isEmpty ? 1 : tailWidth
      left = max(left, (values.contains(-.infinity) ? 4 : 3) - tail)
    }
  }

  /// Whether the values span too many powers of ten to be written without an exponent. The bounds
  /// are numbers of the dtype, as is the quotient.
  private static func needsExponent(_ magnitudes: [Double], _ dtype: DType) -> Bool {
    guard let most = magnitudes.max(), let least = magnitudes.min() else { return false }
    func rounded(_ x: Double) -> Double {
      Tensor(dtype: dtype, shape: [], doubles: [x]).double(at: 0)
    }
    let largest: Double =
      switch dtype {
      case .float64: 1e8
      case .float32: 1e6
      default: 1e3
      }
    return most >= largest || least < rounded(0.0001) || rounded(most / least) > 1000
  }

  /// The width from the point on.
  private var tailWidth: Int { 1 + right + (scientific ? 2 + powerDigits : 0) }

  func text(_ x: Double) -> String {
    guard x.isFinite else {
      let word = x.isNaN ? "nan" : x < 0 ? "-inf" : "inf"
      return pad(word, left + tailWidth)
    }
    let digits = Digits(shortest: x, dtype)
    if scientific {
      let (whole, fraction, power) = digits.scientific(x, precision: right, least: right)
      let zeros = String(repeating: "0", count: right - fraction.count)
      let filled = String(repeating: "0", count: powerDigits - (power.count - 1))
      return pad(whole, left) + "." + fraction + zeros + "e\(power.prefix(1))"
        + filled + power.dropFirst()
    }
    let (whole, fraction) = digits.positional(x, precision: FloatFormat.precision)
    return pad(whole, left) + "." + fraction + String(repeating: " ", count: right - fraction.count)
  }

  private func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// A single number with all digits it needs: `0.1`, `3.0`, `1e-05`.
  static func scalar(_ x: Double, _ dtype: DType) -> String {
    guard x.isFinite else { return x.isNaN ? "nan" : x < 0 ? "-inf" : "inf" }
    let digits = Digits(shortest: x, dtype)
    if x == 0 || (x.magnitude >= 1e-4 && x.magnitude < 1e16) {
      let (whole, fraction) = digits.positional(x, precision: .max)
      return whole + "." + (fraction.isEmpty ? "0" : fraction)
    }
    let (whole, fraction, power) = digits.scientific(x, precision: .max)
    return whole + (fraction.isEmpty ? "" : ".") + fraction + "e" + power
  }
}
