public import Gnomon

/// Another shape for each example: `[batch, ...]` to `[batch] + targetShape`.
///
///     let x = Input(shape: [784])
///     let y = Reshape([28, -1, 1])(x)               // [batch, 28, 28, 1]
///
/// - Input: `[batch, ...]`; output `[batch] + targetShape`, where -1 is what is left over. No weights.
public final class Reshape: Layer {
  public let targetShape: [Dim]

  public init(_ targetShape: [Dim], inputShape: [Dim]? = nil, name: String? = nil) {
    self.targetShape = targetShape
    super.init(name: name, inputShape: inputShape)
  }

  public override func call(_ x: Expr) -> Expr {
    // Of each example, so that a leftover size is found without the batch.
    guard let open = targetShape.firstIndex(of: -1) else {
      return x.reshaped([x.shape[0]] + targetShape)
    }
    let count = x.shape.dropFirst().reduce(1, *)
    let known = targetShape.enumerated().filter { $0.offset != open }.reduce(1) { $0 * $1.element }
    var shape = targetShape
    if let rest = count.exactQuotient(by: known) { shape[open] = rest }
    return x.reshaped([x.shape[0]] + shape)
  }
}
