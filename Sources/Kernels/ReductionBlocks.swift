internal import GnomonTensors

/// A cut of the reduced axes: an outer loop over blocks, and the steps within one.
struct ReductionBlocks {
  /// The axes that are fixed within a block.
  var outer: [Int]
  /// The axis that is cut into pieces, if one is, and their length.
  var cut: (axis: Int, length: Int)?
  /// The axes that run within a block; the first may be the one that is cut.
  var inner: [Int]
  /// The number of blocks.
  var count: Dim

  /// Blocks of at most about `limit` steps; nil when all steps fit into one.
  init?(_ reduced: [Int], _ extents: [Dim], limit: Int) {
    var whole = 1
    var first = reduced.count
    while first > 0, whole * max(1, extents[reduced[first - 1]].estimate) <= limit {
      first -= 1
      whole *= max(1, extents[reduced[first]].estimate)
    }
    guard first > 0 else { return nil }
    let extent = extents[reduced[first - 1]]
    inner = Array(reduced[first...])
    let length = limit / whole
    if length >= 2 {
      let pieces = (extent.estimate + length - 1) / length
      let even = (extent.estimate + pieces - 1) / pieces
      cut = (reduced[first - 1], even)
      inner.insert(reduced[first - 1], at: 0)
      first -= 1
      count = (extent + Dim(even - 1)).quotient(dividingBy: Dim(even))
    } else {
      count = 1
    }
    outer = Array(reduced[..<first])
    count = outer.reduce(count) { $0 * extents[$1] }
    // A sum over nothing still has its one, empty block.
    count = Dim.maximum(count, 1)
  }
}
