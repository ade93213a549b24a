internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// What the rows of a tile have in common where the place of an element depends on the sum of row and
/// step, or on their difference, as in a convolution along the rows: it is copied once.
struct RowOverlap {
  /// The reduced axis.
  var axis: Int
  private var steps: Int
  /// Whether the place depends on the difference.
  private(set) var isDifference: Bool

  /// Nil where a read of the factor depends on the two axes in another way.
  init?(
    _ factor: TilePlan.Factor, _ stage: FusionGroup.Stage, _ group: FusionGroup, along axis: Int,
    _ rowAxis: Int
  ) {
    guard let steps = group.axes[axis].constant, steps > 1 else { return nil }
    let formulas = factor.program.instructions.compactMap {
      if case .index(let d) = $0.op { d } else { nil }
    }
    func moves(by step: Int) -> Bool {
      func isSame(_ d: Dim) -> Bool { d.shifted(rowAxis, by: 1) == d.shifted(axis, by: step) }
      return formulas.allSatisfy(isSame)
        && factor.reads.allSatisfy {
          guard case .memory(_, let index, let guards, _) = stage.reads[$0] else { return false }
          return isSame(index)
            && guards.allSatisfy {
              $0.mapped { $0.shifted(rowAxis, by: 1) } == $0.mapped { $0.shifted(axis, by: step) }
            }
        }
    }
    if moves(by: 1) {
      isDifference = false
    } else if moves(by: -1) {
      isDifference = true
    } else {
      return nil
    }
    self.axis = axis
    self.steps = steps
  }

  /// The elements that so many rows have along the axis.
  func length(rows: Dim) -> Dim { rows + Dim(steps - 1) }

  /// The element of a row at a step.
  func element(row: Dim, step: Dim) -> Dim {
    isDifference ? row + Dim(steps - 1) - step : row + step
  }

  /// The row, which may lie outside the tile, whose first step has the element.
  func row(of element: Dim) -> Dim { isDifference ? element - Dim(steps - 1) : element }
}
