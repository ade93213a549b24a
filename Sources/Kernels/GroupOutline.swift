internal import GnomonIR
internal import GnomonTensors

/// What splitting needs to know of a group, before and after its index expressions are flat.
struct GroupOutline {
  struct Stage {
    var axes: AxisSet
    var reduced: AxisSet
    var combiner: Combiner?
    /// The stages it reads.
    var inputs: [Int]
    /// Whether the reduction reuses its operands along several axes of the result, or reads windows.
    var needsTile: Bool
    var isBox: Bool
    var instruction: Int
    /// The axis that vectors of it should run along: the last of its widest access.
    var fast: Int?
    /// Whether the value is written to memory.
    var isWritten: Bool
  }

  /// The axes that are there, in the order in which memory runs through them.
  var order: [Int]
  /// The extents of all axes, by their numbers.
  var extents: [Dim]
  var stages: [Stage]

  var all: AxisSet { AxisSet(order) }

  /// The points of some axes, if their number is known.
  func points(_ axes: AxisSet) -> Int? {
    axes.axes.reduce(Dim(1)) { $0 * extents[$1] }.constant
  }

  /// The short axes of known extent, whose points can be written out one by one.
  var shortAxes: AxisSet {
    let short = AxisSet(
      order.filter { a in
        extents[a].constant.map { 2...UnrolledGroup.extentLimit ~= $0 } ?? false
      })
    guard let points = points(short), points <= UnrolledGroup.extentLimit else { return [] }
    let all = stages.reduce(0) { $0 + copies(of: $1, short) }
    return all <= UnrolledGroup.copyLimit ? short : []
  }

  /// How many stages a stage becomes when axes are written out; 0 if it stays as it is.
  func copies(of stage: Stage, _ short: AxisSet) -> Int {
    stage.axes.union(stage.reduced).isDisjoint(with: short) ? 0 : points(short)!
  }
}
