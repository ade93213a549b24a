internal import Gnomon

/// Dropout within a recurrent layer: the same elements at every step, as Gal and Ghahramani, *A Theoretically
/// Grounded Application of Dropout in Recurrent Neural Networks*, 2016, ask for.
final class RecurrentDropout {
  private let rate: Double
  private let stream: RandomStream?
  private var factors: Expr?

  init(_ rate: Double, _ layer: Layer, seed: UInt64?) {
    self.rate = rate
    stream = rate > 0 ? RandomStream(layer, seed: seed) : nil
  }

  /// Draws the elements of `[batch, size]` that stay.
  func draw(_ batch: Dim, _ size: Dim, _ dtype: DType) {
    guard let stream else { return }
    let (ones, key) = (Expr.ones(dtype, [batch, size]), stream.next())
    factors = branch(.training, then: { dropout(ones, rate: rate, key: key) }, else: { ones })
  }

  /// The elements of `x`, of all steps or of one, that stay.
  func callAsFunction(_ x: Expr) -> Expr {
    guard let factors else { return x }
    return x * (x.rank == 3 ? factors.expanded(axis: 1) : factors)
  }
}
