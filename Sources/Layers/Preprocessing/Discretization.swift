public import Gnomon

/// The number of the interval that each number lies in: `Σᵢ (x ≥ boundaryᵢ)`.
///
///     let x = Input(shape: [5])
///     let y = Discretization(boundaries: [0, 10, 100])(x)  // [batch, 5]
///
/// - Input: any shape; output the same, int64. No weights.
public final class Discretization: Layer {
  public let boundaries: [Double]

  /// - Parameter boundaries: in rising order.
  public init(boundaries: [Double], name: String? = nil) {
    self.boundaries = boundaries.sorted()
    super.init(name: name)
  }

  public override func call(_ x: Expr) -> Expr {
    let bounds = Expr.constant(Tensor(boundaries).cast(to: x.dtype))
    return sum((x.expanded(axis: -1) .>= bounds).cast(to: .int64), axes: -1)
  }
}
