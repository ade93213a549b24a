internal import Synchronization

/// The seeds of what is random and was given none: initial weights, dropout, shuffling.
///
/// They are a sequence, so that a program gives the same bits each time it runs. The process has one; work that runs
/// beside other work, and must not depend on who draws first, takes a sequence of its own with `starting(at:_:)`.
public enum RandomSeeds {
  /// A sequence, and how much of it was drawn.
  final class Sequence: Sendable {
    let state: Mutex<(base: UInt64, count: UInt64)>

    init(_ base: UInt64) { state = Mutex((base, 0)) }
  }

  @TaskLocal private static var current = Sequence(0)

  /// Starts the sequence anew; a program that does so first thing gives the same bits each time.
  public static func reset(to seed: UInt64) { current.state.withLock { $0 = (seed, 0) } }

  /// Runs `body` with a sequence of its own, which other threads and tasks do not draw from.
  ///
  ///     let model = RandomSeeds.starting(at: 42) { Sequential([Dense(8), Dropout(0.5), Dense(1)]) }
  ///
  /// What `body` builds and trains gives the same bits whatever runs beside it; tasks that it starts share its sequence.
  public static func starting<Result>(
    at seed: UInt64, _ body: () throws -> Result
  ) rethrows -> Result {
    try $current.withValue(Sequence(seed)) { try body() }
  }

  /// Runs asynchronous `body` with a sequence of its own, as the form above does.
  public static func starting<Result>(
    at seed: UInt64, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Result
  ) async rethrows -> Result {
    try await $current.withValue(Sequence(seed)) { try await body() }
  }

  /// The next seed of the sequence.
  public static func next() -> UInt64 {
    current.state.withLock {
      $0.count += 1
      // SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
      var z = $0.base &+ $0.count &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
