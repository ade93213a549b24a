public import Gnomon

/// A layer that changes its input at random in training, and passes it on in inference.
open class RandomLayer: Layer {
  private let seed: UInt64?
  private var stream: RandomStream!

  public init(seed: UInt64? = nil, inputShape: [Dim]? = nil, name: String? = nil) {
    self.seed = seed
    super.init(name: name, inputShape: inputShape)
  }

  open override func build(inputShapes: [[Dim]]) {
    stream = RandomStream(self, seed: seed)
    super.build(inputShapes: inputShapes)
  }

  /// What the layer does to its input in training.
  ///
  /// - Parameter key: the source of this call's draws.
  open func perturbed(_ x: Expr, key: RandomKey) -> Expr { x }

  open override func call(_ x: Expr) -> Expr {
    let key = stream.next()
    return branch(.training, then: { perturbed(x, key: key) }, else: { x })
  }

  open override var supportsMasking: Bool { true }
  package override var stateIsFrozenWithWeights: Bool { false }
}
