public import Gnomon
package import GnomonIR

/// One call of a layer: the layer, what it was called on and what it returned.
///
/// The values that the call returned hold the node, and the node holds the layer and its inputs; so a
/// value knows its whole history. The layer refers to its nodes weakly: they live as long as somebody
/// holds what they returned.
public final class LayerNode: ExprMaker {
  /// The layer that was called.
  public let layer: Layer
  /// What it was called on.
  public private(set) var inputs: [Expr]
  /// The masks of the inputs; nil where an input has none.
  public let inputMasks: [Expr?]
  /// Where the user called the layer.
  package let location: Location
  /// Nodes with larger numbers were made during the call.
  package let start = Node.clock.now
  /// The call during which this one was made.
  package weak var parent: LayerNode?
  /// The calls made during this one, in order.
  package private(set) var children: [LayerNode] = []
  /// The values returned, and of each the inner call that returned it first.
  package var outputRecords: [(node: WeakNode, index: Int, inner: ExprMaker?)] = []
  public package(set) var outputTypes: [TensorType] = []
  public package(set) var outputMasks: [Expr?] = []

  /// The terms that this call and those within it add to the loss.
  package var losses: [Expr] = []
  /// The changes of state that this call and those within it ask for.
  package var updates: [StateUpdate] = []

  package init(
    _ layer: Layer, _ inputs: [Expr], parent: LayerNode?, location: Location
  ) {
    self.layer = layer
    self.inputs = inputs
    inputMasks = inputs.map(\.mask)
    self.parent = parent
    self.location = location
  }

  /// What the call returned, as far as somebody still holds it.
  public var outputs: [Expr] {
    outputRecords.compactMap { record in
      record.node.node.map { Expr(node: $0, index: record.index) }
    }
  }

  public var inputShapes: [[Dim]] { inputs.map(\.shape) }
  public var outputShapes: [[Dim]] { outputTypes.map(\.shape) }
  /// The layers whose calls made the inputs.
  public var inboundLayers: [Layer] { inputs.compactMap { $0.layerNode?.layer } }
  /// The layer that was called, by Keras' name.
  public var outboundLayer: Layer { layer }

  /// The position of a value among the outputs.
  package func position(of e: Expr) -> Int? {
    outputRecords.firstIndex { $0.node.node === e.node && $0.index == e.index }
  }

  func append(child: LayerNode) {
    children.append(child)
    losses += child.losses
    updates += child.updates
  }

  /// Gives the outputs back to the inner calls that they came from. A model keeps its own graph without
  /// the call of itself, since the two would hold each other for ever.
  package func withdraw() {
    for record in outputRecords where record.node.node?.maker === self {
      record.node.node?.maker = record.inner
    }
  }

  public override func releaseValues() -> [Expr] {
    defer { inputs = [] }
    return inputs
  }
}

package final class WeakNode {
  package weak var node: Node?
  init(_ node: Node) { self.node = node }
}

/// A change of a variable that is not training's: a moving average, the state of a random stream.
package struct StateUpdate {
  package let variable: Expr
  /// Whether it happens in training only.
  package let inTrainingOnly: Bool
  /// The new value from the old one; called again for each call of a shared layer.
  package let becomes: (Expr) -> Expr
}

/// The call of a layer that is under way on this thread; `@unchecked Sendable` since it never leaves it.
final class CallContext: @unchecked Sendable {
  @TaskLocal static var current: CallContext?
  let node: LayerNode
  init(_ node: LayerNode) { self.node = node }
}

extension Expr {
  /// The call of a layer that made this value; nil for inputs, variables and what operators made.
  public var layerNode: LayerNode? { node.maker as? LayerNode }

  /// Which elements count: a bool tensor with the leading axes of this one, made by `Masking` or
  /// `Embedding(maskZero: true)` and handed on by layers and by elementwise functions.
  public var mask: Expr? {
    var e = self
    while true {
      if let made = e.layerNode {
        return made.position(of: e).flatMap { made.outputMasks[$0] }
      }
      guard let op = e.node.op, op.facts.isElementwise,
        let next = e.node.operands.first(where: { $0.rank == e.rank && $0.node.op != nil })
      else { return nil }
      e = next
    }
  }
}
