public import GnomonIR
internal import GnomonTensors

/// A source of random draws that compiled functions advance: a key held in a variable.
///
///     let generator = RandomGenerator(seed: 42)
///     let noise = normal(key: generator.key.folded(0), shape: ["n"])
///     let step = try compile(outputs: [noise], updates: [generator.update])     // new numbers each call
///
/// A call that fails advances nothing. Two functions that share a generator take turns. Setting
/// `state.value` to what it was repeats the numbers.
public struct RandomGenerator: Sendable {
  /// The variable, uint32 `[2]`.
  public let state: Expr

  /// A generator that begins with the key of a seed.
  @_transparent public init(seed: UInt64, name: String = "generator") {
    self = RandomGenerator._make(seed, name, .here())
  }

  /// The key of this call; fold it for draws that should be independent, with numbers from 0.
  public var key: RandomKey { RandomKey(state) }

  /// What the state becomes: hand it to `compile` among the updates.
  public var update: (Expr, Expr) { (state, key._folded(-1, state.node.location).expr) }

  @usableFromInline static func _make(
    _ seed: UInt64, _ name: String, _ at: Location
  ) -> RandomGenerator {
    RandomGenerator(state: ._variable(name, RandomKey.words(seed: seed), at))
  }

  private init(state: Expr) { self.state = state }
}
