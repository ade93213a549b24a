public import GnomonIR
internal import GnomonTensors

extension Expr {
  /// The whole tensor repeated along each axis.
  ///
  ///     x.tiled([2, 3])          // [n, 4] -> [2*n, 12]
  ///
  /// - Parameter counts: how often, for each axis.
  @_transparent public func tiled(_ counts: [Int]) -> Expr { _tiled(counts, .here()) }

  @usableFromInline func _tiled(_ counts: [Int], _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    guard counts.count == x.rank, counts.allSatisfy({ $0 >= 0 }) else {
      return .refused(
        Refusal(
          .invalidAttribute, "the counts \(counts) do not fit a tensor of rank \(x.rank)",
          help: "give one count, at least 0, for each axis"), "tiled", [x], at: at)
    }
    return at.serving("tiled") {
      let split = x.shape.flatMap { [Dim(1), $0] }
      let wide = x.shape.indices.flatMap { [Dim(counts[$0]), x.shape[$0]] }
      return x.reshaped(split).broadcast(to: wide)
        .reshaped(x.shape.indices.map { x.shape[$0] * Dim(counts[$0]) })
    }
  }

  /// Each slice along an axis repeated in place.
  ///
  ///     x.repeated(2, axis: 0)   // rows 0, 0, 1, 1, …
  @_transparent public func repeated(_ count: Int, axis: Int) -> Expr {
    _repeated(count, axis, .here())
  }

  @usableFromInline func _repeated(_ count: Int, _ axis: Int, _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    do throws(Refusal) {
      let axis = try normalizedAxes([axis], rank: x.rank)[0]
      guard count >= 0 else {
        throw Refusal(.invalidAttribute, "the count \(count) is negative")
      }
      return at.serving("repeated") {
        var wide = x.shape
        var result = x.shape
        wide.insert(Dim(count), at: axis + 1)
        result[axis] *= Dim(count)
        return x.expanded(axis: axis + 1).broadcast(to: wide).reshaped(result)
      }
    } catch {
      return .refused(error, "repeated", [x], at: at)
    }
  }
}
