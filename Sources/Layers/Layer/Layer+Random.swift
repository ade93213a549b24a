internal import Gnomon

/// A stream of random numbers that goes on with every training step: the state of dropout and noise.
final class RandomStream {
  private let state: Expr
  private weak var layer: Layer?
  private var draws = 0

  init(_ layer: Layer, seed: UInt64?) {
    self.layer = layer
    let others = layer.ownStates.count
    state = layer.addState(
      others == 0 ? "seed_state" : "seed_state_\(others)",
      RandomKey.words(seed: seed ?? RandomSeeds.next()))
  }

  /// A key for one draw, different for each call of the layer and each training step.
  func next() -> RandomKey {
    draws += 1
    layer?.addUpdate(state) { RandomKey($0).folded(0).expr }
    return RandomKey(state).folded(draws)
  }
}
