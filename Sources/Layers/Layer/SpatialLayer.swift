internal import Gnomon

/// A layer over the positions of `[batch, sizes..., channels]`: sequences, images or volumes.
///
/// The subclasses for one, two and three sizes differ in `spatialRank` alone, and inherit everything else,
/// their initializers too.
public class SpatialLayer: Layer {
  /// The number of axes between the batch and the channels.
  class var spatialRank: Int { 2 }

  init(inputShape: [Dim]?, name: String?) {
    super.init(name: name, inputShape: inputShape)
    inputSpec = InputSpec(rank: Self.spatialRank + 2)
  }
}

extension PerAxis {
  /// One number for each of `rank` axes.
  func spread(over rank: Int) -> [Int] {
    values.count == 1 ? Array(repeating: values[0], count: rank) : values
  }
}
