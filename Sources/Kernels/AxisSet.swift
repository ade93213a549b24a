/// Some of a group's axes, which are numbered from 0 to 63.
struct AxisSet: OptionSet, Hashable, Sendable {
  var rawValue: UInt64

  /// How many axes a group can have.
  static let capacity = 64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  init(_ axes: some Sequence<Int>) {
    rawValue = 0
    for a in axes { insert(a) }
  }

  /// All axes below a number.
  static func below(_ count: Int) -> AxisSet {
    AxisSet(rawValue: count >= 64 ? UInt64.max : (1 << UInt64(count)) - 1)
  }

  mutating func insert(_ axis: Int) { rawValue |= 1 << UInt64(axis) }
  func contains(_ axis: Int) -> Bool { rawValue >> UInt64(axis) & 1 == 1 }
  var count: Int { rawValue.nonzeroBitCount }

  /// The axes in the order of their numbers.
  var axes: [Int] {
    var rest = rawValue
    var found: [Int] = []
    while rest != 0 {
      found.append(rest.trailingZeroBitCount)
      rest &= rest - 1
    }
    return found
  }
}
