internal import Foundation

/// The decimal digits of a finite float: ±d.ddd… × 10^exponent.
struct Digits {
  var negative: Bool
  var digits: [UInt8]
  var exponent: Int

  /// The fewest digits that give `x` back when read as a `dtype`, nearest to `x` among those.
  init(shortest x: Double, _ dtype: DType) {
    switch dtype {
    case .float32: self.init(parsing: Float(x).description)
    case .float16: self.init(half: x, bits: HalfFloat.float16Bits)
    case .bfloat16: self.init(half: x, bits: HalfFloat.bfloat16Bits)
    default: self.init(parsing: x.description)
    }
  }

  /// Cuts the digits of the double to the first few, and takes the cut or the number above it.
  private init(half x: Double, bits: (Double) -> UInt16) {
    let full = Digits(parsing: x.description)
    self = full
    let target = bits(x.magnitude)
    for count in 1..<max(2, full.digits.count) {
      let cut = full.digits.prefix(count).reduce(0) { $0 * 10 + Int($1) }
      let candidates = [cut, cut + 1].compactMap { n -> (text: String, error: Double)? in
        let text = "\(n)e\(full.exponent - count + 1)"
        guard let value = Double(text), bits(value) == target else { return nil }
        return (text, (value - x.magnitude).magnitude)
      }
      if let best = candidates.min(by: { $0.error < $1.error }) {
        self = Digits(parsing: best.text)
        negative = full.negative
        return
      }
    }
  }

  /// From the text of a finite number, such as `-0.25` or `1.5e-07`.
  init(parsing text: String) {
    negative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" }.split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = mantissa[0].utf8.map { $0 - 48 }
    let fraction = mantissa.count > 1 ? mantissa[1].utf8.map { $0 - 48 } : []
    var all = whole + fraction
    exponent = whole.count - 1 + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    while all.count > 1, all[0] == 0 {
      all.removeFirst()
      exponent -= 1
    }
    while all.count > 1, all[all.count - 1] == 0 { all.removeLast() }
    if all == [0] { exponent = 0 }
    digits = all
  }

  /// `12.5` as whole part and fraction; the fraction is rounded from the exact value of `x` if it
  /// would be longer than `precision`.
  func positional(_ x: Double, precision: Int) -> (whole: String, fraction: String) {
    let fractionCount = digits.count - 1 - exponent
    if fractionCount > precision {
      // Rounding the shortest digits would round twice; the exact value is rounded instead.
      return Digits.split(String(format: "%.\(precision)f", x))
    }
    let sign = negative ? "-" : ""
    func at(_ place: Int) -> String {
      let i = exponent - place
      return i >= 0 && i < digits.count ? "\(digits[i])" : "0"
    }
    let whole = (0...max(0, exponent)).reversed().map(at).joined()
    let fraction = fractionCount > 0 ? (1...fractionCount).map { at(-$0) }.joined() : ""
    return (sign + whole, fraction)
  }

  /// `1.25e+03` as whole part, fraction and exponent with its sign and at least two digits. The
  /// digits are rounded from the exact value of `x` if there would be more than `precision` after
  /// the point; if fewer than `least`, they go on with those of the exact value.
  func scientific(
    _ x: Double, precision: Int, least: Int = 0
  ) -> (whole: String, fraction: String, power: String) {
    let count = digits.count - 1
    if count > precision || count < least {
      let parts = String(format: "%.\(max(least, min(count, precision)))e", x).split(separator: "e")
      let (whole, fraction) = Digits.split(String(parts[0]))
      return (whole, fraction, String(parts[1]))
    }
    let magnitude = "\(exponent.magnitude)"
    let power = (exponent < 0 ? "-" : "+") + (magnitude.count < 2 ? "0" : "") + magnitude
    let fraction = digits.dropFirst().map { "\($0)" }.joined()
    return ((negative ? "-" : "") + "\(digits[0])", fraction, power)
  }

  private static func split(_ text: String) -> (String, String) {
    let parts = text.split(separator: ".")
    var fraction = parts.count > 1 ? String(parts[1]) : ""
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return (String(parts[0]), fraction)
  }
}
