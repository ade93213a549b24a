/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for a seed on every machine.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  public mutating func below(_ n: Int) -> Int { Int(next() >> 33) % n }
  public mutating func chance(_ part: Int, of whole: Int) -> Bool { below(whole) < part }
  public mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }
}
