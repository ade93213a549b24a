public import Gnomon

/// A model that is one layer after the other.
///
///     let model = Sequential([
///       Dense(64, activation: .relu, inputShape: [784]),
///       Dense(10, activation: .softmax),
///     ])
///     let other = Sequential {
///       Flatten(inputShape: [28, 28])
///       Dense(10)
///     }
///     let y = other(Input(shape: [28, 28]))         // [batch, 10]
///
/// With `inputShape` on the first layer it is built at once; else by its first call or by `fit`.
public final class Sequential: Model {
  private var chain: [Layer]

  public init(_ layers: [Layer] = [], name: String? = nil) {
    chain = layers
    super.init(name: name)
    for layer in layers { adopt(layer) }
    rebuild()
  }

  /// The layers that a block lists; `if` and `for` may choose them.
  public convenience init(name: String? = nil, @LayerListBuilder _ layers: () -> [Layer]) {
    self.init(layers(), name: name)
  }

  /// Appends a layer.
  public func add(_ layer: Layer) {
    chain.append(layer)
    adopt(layer)
    rebuild()
  }

  /// Removes the last layer and returns it.
  @discardableResult public func removeLast() -> Layer? {
    guard let last = chain.popLast() else { return nil }
    if !chain.contains(where: { $0 === last }) { sublayers.removeAll { $0 === last } }
    rebuild()
    return last
  }

  public override var layers: [Layer] { chain.filter { !($0 is InputLayer) } }

  /// The graph is that of the layers as they are now; mistakes in it show when it is used.
  private func rebuild() {
    trace = nil
    isBuilt = false
    if givenInputShape != nil, !chain.isEmpty { try? build() }
  }

  package override var givenInputShape: [Dim]? { chain.first?.givenShape }
  package override var givenInputDType: DType { chain.first?.inputDType ?? .float32 }

  public override func call(_ inputs: [Expr]) -> [Expr] {
    chain.reduce(inputs) { $1._apply($0, .here()) }
  }

  public override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? {
    chain.last?.inboundNodes.last?.outputMasks.first ?? nil
  }
}

extension Layer {
  fileprivate var givenShape: [Dim]? { (self as? Model)?.givenInputShape ?? inputShape }
}

/// Lists layers in a block.
@resultBuilder public enum LayerListBuilder {
  public static func buildExpression(_ layer: Layer) -> [Layer] { [layer] }
  public static func buildBlock(_ parts: [Layer]...) -> [Layer] { parts.flatMap { $0 } }
  public static func buildOptional(_ part: [Layer]?) -> [Layer] { part ?? [] }
  public static func buildEither(first: [Layer]) -> [Layer] { first }
  public static func buildEither(second: [Layer]) -> [Layer] { second }
  public static func buildArray(_ parts: [[Layer]]) -> [Layer] { parts.flatMap { $0 } }
}
