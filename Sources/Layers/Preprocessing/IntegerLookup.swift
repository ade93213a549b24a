public import Gnomon

/// Integers as their places in a vocabulary: `i` for `vocabulary[i - 1]`, 0 for those that are not in it.
///
///     let x = Input(shape: [3], dtype: .int64)
///     let y = IntegerLookup(vocabulary: [10, 42, 7])(x)  // [batch, 3]
///
/// - Input: integers of any shape; output the same shape, int64. No weights.
public final class IntegerLookup: Layer {
  public private(set) var vocabulary: [Int]

  public init(vocabulary: [Int] = [], name: String? = nil) {
    self.vocabulary = vocabulary
    super.init(name: name)
    inputSpec = InputSpec(dtypes: DType.allCases.filter(\.isInteger))
  }

  public override var inputDType: DType { .int64 }

  /// Takes the vocabulary from data: the integers, the most frequent first, equals in rising order.
  public func adapt(to data: Tensor) throws {
    var counts: [Int: Int] = [:]
    for n in try data.cast(to: .int64).array(of: Int64.self) { counts[Int(n), default: 0] += 1 }
    vocabulary = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }

  public override func call(_ x: Expr) -> Expr {
    guard !vocabulary.isEmpty else { return Expr.zeros(.int64, x.shape) }
    let known = Expr.constant(Tensor(vocabulary.map(Int64.init)))
    let places = Expr.constant(Tensor((1...vocabulary.count).map(Int64.init)))
    let isAt = x.cast(to: .int64).expanded(axis: -1) .== known
    return max(select(isAt, places, 0), axes: -1)
  }
}
