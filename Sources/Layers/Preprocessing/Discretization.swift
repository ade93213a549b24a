public import Gnomon

/// The number of the interval that each number lies in: how many boundaries are not above it.
///
///     Discretization(boundaries: [0, 10, 100])           // -1 → 0, 5 → 1, 10 → 2, 1000 → 3
///
/// - Input: any shape; output the same, int64.
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
