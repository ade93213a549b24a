internal import Gnomon

extension Layer {
  /// Whether the layer, and all that the call under way is part of, are trained.
  final var isTrainedHere: Bool {
    var node = CallContext.current?.node
    while let n = node {
      if !n.layer.trainable { return false }
      node = n.parent
    }
    return trainable
  }

  /// Of each layer inside whose formula depends on it whether it is trained, in order.
  final func trainedFlags(_ isTrained: Bool = true) -> [Bool] {
    let isTrained = isTrained && trainable
    return (formulaFollowsTrainable ? [isTrained] : [])
      + sublayers.flatMap { $0.trainedFlags(isTrained) }
  }
}
