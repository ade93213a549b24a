internal import Gnomon

extension Expr {
  /// The positions in a range of one axis.
  package func sliced(axis: Int, _ range: Range<Int>) -> Expr {
    cropped(axis: axis, slice: AxisIndex(range))
  }

  /// All positions of one axis but some at its start and end.
  package func cropped(axis: Int, start: Int, end: Int) -> Expr {
    cropped(axis: axis, slice: .range(from: start, to: end == 0 ? nil : -end))
  }

  private func cropped(axis: Int, slice: AxisIndex) -> Expr {
    var all = Array(repeating: AxisIndex.all, count: rank)
    all[axis] = slice
    return _sliced(all, .here())
  }
}
