public import Gnomon

/// Categories as vectors of 0 and 1, `y[c] = 1` where c occurs, or of counts.
///
///     let x = Input(shape: [3], dtype: .int32)
///     let y = CategoryEncoding(5, output: .multiHot)(x)  // [batch, 5]
///
/// - Input: integers from 0 up to below `count`; output float32 with a last axis of size `count`. No weights.
public final class CategoryEncoding: Layer {
  /// What stands for the categories of an example.
  public enum Output: Sendable {
    /// A 1 at each category's place, a vector for each: `[..., n]` to `[..., n, count]`.
    case oneHot
    /// A 1 at the place of each category that occurs: `[..., n]` to `[..., count]`.
    case multiHot
    /// How often each category occurs.
    case count
  }

  public let count: Int
  public let mode: Output

  public init(_ count: Int, output: Output = .multiHot, name: String? = nil) {
    self.count = count
    mode = output
    super.init(name: name)
    inputSpec = InputSpec(dtypes: DType.allCases.filter(\.isInteger))
  }

  public override var inputDType: DType { .int32 }

  public override func call(_ x: Expr) -> Expr {
    let places = oneHot(x, classes: Dim(count))
    switch mode {
    case .oneHot: return places
    case .multiHot: return max(places, axes: -2)
    case .count: return sum(places, axes: -2)
    }
  }
}
