internal import Synchronization

/// The seeds of what is random and was given none: initial weights, dropout, shuffling.
///
/// They are a sequence, so that a program gives the same bits each time it runs.
public enum RandomSeeds {
  private static let state = Mutex<(base: UInt64, count: UInt64)>((0, 0))

  /// Starts the sequence anew; a program that does so first thing gives the same bits each time.
  public static func reset(to seed: UInt64) { state.withLock { $0 = (seed, 0) } }

  /// The next seed of the sequence.
  public static func next() -> UInt64 {
    state.withLock {
      $0.count += 1
      // SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
      var z = $0.base &+ $0.count &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
