public import Gnomon

/// The axes of each example in another order, `y[b, i, j] = x[b, j, i]`; axis 1 is the first after the batch.
///
///     let x = Input(shape: [2, 64])
///     let y = Permute(2, 1)(x)                      // [batch, 64, 2]
///
/// - Input: `[batch, ...]`; output with axis `axes[k - 1]` of the input as its axis k. No weights.
public final class Permute: Layer {
  public let axes: [Int]

  public convenience init(_ axes: Int..., inputShape: [Dim]? = nil, name: String? = nil) {
    self.init(axes, inputShape: inputShape, name: name)
  }

  public init(_ axes: [Int], inputShape: [Dim]? = nil, name: String? = nil) {
    self.axes = axes
    super.init(name: name, inputShape: inputShape)
  }

  public override func call(_ x: Expr) -> Expr {
    guard axes.sorted() == Array(1..<Swift.max(x.rank, 1)) else {
      let all = x.rank < 2 ? "" : (1..<x.rank).map(String.init).joined(separator: ", ")
      return refused(
        .layerInput, "the axes \(axes) are no order of the input's axes", [x],
        help: "list each of \(all) once; axis 0 is the batch and stays", at: .here())
    }
    return x.permuted([0] + axes)
  }
}
