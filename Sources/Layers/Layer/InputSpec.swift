public import Gnomon

/// What a layer asks of its input; checked before `call`, so that the message names the layer.
public struct InputSpec: Sendable {
  /// How many inputs a call has.
  public var count: ClosedRange<Int>
  public var rank: Int?
  public var minimumRank: Int?
  /// Sizes that certain axes must have; negative numbers count from the end.
  public var axes: [Int: Int]
  public var dtypes: [DType]?

  public init(
    count: ClosedRange<Int> = 1...1, rank: Int? = nil, minimumRank: Int? = nil,
    axes: [Int: Int] = [:], dtypes: [DType]? = nil
  ) {
    self.count = count
    self.rank = rank
    self.minimumRank = minimumRank
    self.axes = axes
    self.dtypes = dtypes
  }

  /// What is wrong with an input, and the axes at fault; nil if it fits.
  package func refusal(_ type: TensorType) -> (message: String, axes: [Int])? {
    if let rank, type.rank != rank {
      return ("expects an input of rank \(rank), not \(type.rank)", [])
    }
    if let minimumRank, type.rank < minimumRank {
      return ("expects an input of rank \(minimumRank) or more, not \(type.rank)", [])
    }
    for (axis, size) in axes.sorted(by: { $0.key < $1.key }) {
      let a = axis < 0 ? axis + type.rank : axis
      guard type.shape.indices.contains(a) else {
        return ("expects an input with an axis \(axis)", [])
      }
      if let c = type.shape[a].constant, c != size {
        return ("expects axis \(axis) of its input to be \(size), not \(c)", [a])
      }
    }
    if let dtypes, !dtypes.contains(type.dtype) {
      let list = dtypes.map(\.description).joined(separator: " or ")
      return ("expects an input of dtype \(list), not \(type.dtype)", [])
    }
    return nil
  }
}
