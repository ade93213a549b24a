/// What a subscript takes from one axis.
///
///     x[0]                    // the first row; the axis goes away
///     x[-1]                   // the last
///     x[1..<5]                // rows 1, 2, 3, 4
///     x[1...], x[..<(-1)]     // without the first; without the last
///     x[.all, 0]              // the first column
///     x[.ellipsis, 0]         // the first element of the last axis, whatever the rank
///     x[.range(from: 8, to: 2, by: -2)]
///     x[.newAxis]             // with a new axis of size 1 in front
///
/// Negative numbers count from the end of the axis. Positions must exist: a range is not cut to fit.
public struct AxisIndex: AxisIndexing, Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case position(Int)
    case range(from: Int?, to: Int?, by: Int)
    case ellipsis
    case newAxis
  }
  package let kind: Kind

  package init(_ kind: Kind) { self.kind = kind }

  /// The positions of a range made elsewhere.
  public init(_ range: Range<Int>) {
    kind = .range(from: range.lowerBound, to: range.upperBound, by: 1)
  }

  public var axisIndex: AxisIndex { self }
}

/// What can stand in a tensor's subscript: an integer, a range, or one of `AxisIndex`'s values.
public protocol AxisIndexing {
  var axisIndex: AxisIndex { get }
}

extension AxisIndexing where Self == AxisIndex {
  /// The whole axis.
  public static var all: AxisIndex { AxisIndex(.range(from: nil, to: nil, by: 1)) }
  /// All axes that the other indices leave over.
  public static var ellipsis: AxisIndex { AxisIndex(.ellipsis) }
  /// A new axis of size 1.
  public static var newAxis: AxisIndex { AxisIndex(.newAxis) }

  /// Every `step`-th position from `start` up to and without `end`. A negative step walks backwards,
  /// from the last position unless `start` is given, through the first unless `end` is given.
  public static func range(
    from start: Int? = nil, to end: Int? = nil, by step: Int = 1
  ) -> AxisIndex {
    AxisIndex(.range(from: start, to: end, by: step))
  }
}

extension Int: AxisIndexing {
  public var axisIndex: AxisIndex { AxisIndex(.position(self)) }
}

extension PartialRangeFrom: AxisIndexing where Bound == Int {
  public var axisIndex: AxisIndex { AxisIndex(.range(from: lowerBound, to: nil, by: 1)) }
}

extension PartialRangeUpTo: AxisIndexing where Bound == Int {
  public var axisIndex: AxisIndex { AxisIndex(.range(from: nil, to: upperBound, by: 1)) }
}

extension PartialRangeThrough: AxisIndexing where Bound == Int {
  public var axisIndex: AxisIndex {
    AxisIndex(.range(from: nil, to: upperBound == -1 ? nil : upperBound + 1, by: 1))
  }
}

// `Range` itself does not conform: `1..<(-1)` would stop the program before the subscript saw it.
// These operators win only where an index is asked for.

/// The positions from `start` up to and without `end`; negative ones count from the end.
@_disfavoredOverload public func ..< (start: Int, end: Int) -> AxisIndex {
  AxisIndex(.range(from: start, to: end, by: 1))
}

/// The positions from `start` through `end`; negative ones count from the end.
@_disfavoredOverload public func ... (start: Int, end: Int) -> AxisIndex {
  AxisIndex(.range(from: start, to: end == -1 ? nil : end + 1, by: 1))
}
