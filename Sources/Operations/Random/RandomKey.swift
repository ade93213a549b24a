public import GnomonIR
public import GnomonTensors

/// The source of random draws: two words (uint32) that select a stream of numbers.
///
///     let key = RandomKey(seed: 42)
///     let noise = uniform(key: key.folded(1), shape: ["batch", 10])
///     let mask = bernoulli(key: key.folded(2), probability: 0.9, shape: ["batch", 10])
///
/// Draws are pure: the same key and shape give the same numbers, on every machine and for any number
/// of threads. Draws that should be independent take keys folded with different numbers. State across
/// steps is a variable of the user's:
///
///     let state = Expr.variable("key", RandomKey.words(seed: 42))
///     let key = RandomKey(state)                  // updates: [state: key.folded(0).expr]
public struct RandomKey: Sendable {
  /// The two words, uint32 `[2]`.
  public let expr: Expr

  /// The key in an input, a variable or any expression of type uint32 `[2]`.
  public init(_ expr: Expr) { self.expr = expr }

  /// A constant key.
  @_transparent public init(seed: UInt64) { self = RandomKey._seed(seed, .here()) }

  /// The words of a seed, lower first: what a key variable starts with.
  public static func words(seed: UInt64) -> Tensor {
    Tensor([seed & 0xFFFF_FFFF, seed >> 32], dtype: .uint32)
  }

  /// Another key, a function of this one and the number. Keys of different numbers, and this key
  /// itself, give independent draws.
  @_transparent public func folded(_ number: Int) -> RandomKey { _folded(number, .here()) }

  /// Keys of independent draws: those folded with 0 up to `count`.
  @_transparent public func split(_ count: Int) -> [RandomKey] { _split(count, .here()) }

  @usableFromInline static func _seed(_ seed: UInt64, _ at: Location) -> RandomKey {
    RandomKey(Expr._constant(words(seed: seed), at))
  }

  @usableFromInline func _split(_ count: Int, _ at: Location) -> [RandomKey] {
    (0..<Swift.max(count, 0)).map { _folded($0, at) }
  }

  @usableFromInline func _folded(_ number: Int, _ at: Location) -> RandomKey {
    // Stream 0 is for draws; a folded key is the first two words of another stream.
    RandomKey(.make(RandomBits(shape: [2], stream: foldedStream(number)), [expr], at: at))
  }
}

/// The stream of a folded key: every number has its own, and none is 0.
private func foldedStream(_ number: Int) -> Int {
  number >= 0 ? number &+ 1 : number
}
