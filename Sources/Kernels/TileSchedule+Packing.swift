internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

// Factors computed once into contiguous memory of each worker.
extension TileSchedule {
  /// The panel's vectors at all steps of the open block, those of a step side by side. What lies
  /// beyond the last column is never stored, but it is there to be loaded.
  mutating func emitPacking(panel: Dim) {
    guard panelMemory != nil, let v = vectorAxis else { return }
    let (width, lanes) = (plan.width, self.lanes)
    let first = panel * Dim(width)
    let left = group.axes[v] - first
    let full = block { schedule in
      schedule.b.append(.bind(v, first))
      schedule.emitVectors(count: schedule.columns, active: nil)
    }
    guard let size = group.axes[v].constant else {
      enclose(full, where: left - Dim(width))
      let edge = block { schedule in
        let vector = schedule.newAxis()
        schedule.loop(vector, to: left.divided(by: lanes)) { schedule in
          let offset = Dim.axis(vector) * Dim(lanes)
          schedule.b.append(.bind(v, first + offset))
          schedule.emitVectors(
            count: 1, active: Dim.minimum(left - offset, Dim(lanes)), at: offset)
        }
      }
      enclose(edge, where: Dim(width - 1) - left)
      return
    }
    let rest = size % width
    if size >= width { enclose(full, where: rest == 0 ? 0 : left - Dim(width)) }
    guard rest > 0 else { return }
    let edge = block { schedule in
      schedule.b.append(.bind(v, first))
      schedule.emitVectors(
        count: (rest + lanes - 1) / lanes,
        active: rest % lanes == 0 ? nil : Dim(rest % lanes))
    }
    enclose(edge, where: size < width ? 0 : Dim(width - 1) - left)
  }

  /// Some vectors of a panel, from `offset` in it on, at all steps; of the last one `active` lanes are
  /// there.
  private mutating func emitVectors(count: Int, active: Dim?, at offset: Dim = 0) {
    let place = panelPlace + offset
    guard plan.isTransposed else {
      emitSteps { schedule in
        for j in 0..<count {
          schedule.emitVector(j, at: place, active: j == count - 1 ? active : nil)
        }
      }
      return
    }
    emitTransposed(count: active == nil ? count : count - 1, at: place)
    if let active { emitSteps { $0.emitVector(count - 1, at: place, active: active) } }
  }

  private mutating func emitVector(_ j: Int, at place: Dim, active: Dim?) {
    guard let memory = panelMemory, let f = plan.columnFactor else { return }
    var loads: [[Int]: Register] = [:]
    let value = b.wide(computedFactor(f, 0, j, active: active, loads: &loads), lanes)
    b.append(
      .store(
        value, to: Statement.Access(memory, place + step * Dim(plan.width) + Dim(j * lanes))))
  }

  /// Square blocks are turned in registers; steps that are left over go lane by lane.
  private mutating func emitTransposed(count: Int, at place: Dim) {
    guard count > 0, let memory = panelMemory, let f = plan.columnFactor, let v = vectorAxis,
      case .memory(let source, let index, _, _) = stage.reads[plan.factors[f].reads[0]],
      let along = steps.first(where: { index.linear(in: $0)?.coefficient == 1 })
    else { return }
    let across = index.linear(in: v)!.coefficient
    emitSteps(groupedAlong: along, by: lanes) { schedule in
      let width = Dim(schedule.plan.width)
      for j in 0..<count {
        schedule.b.append(
          .transpose(
            Statement.Transposition(
              lanes: schedule.lanes, from: source, index: schedule.moved(index, 0, j),
              stride: across, to: memory,
              place: place + schedule.step * width + Dim(j * schedule.lanes),
              distance: schedule.stepDistance(along) * width)))
      }
    } single: { schedule in
      for j in 0..<count { schedule.emitVector(j, at: place, active: nil) }
    }
  }

  /// Where the open step of a row of the tile was copied to.
  func placeInRows(_ row: Dim) -> Dim {
    if let overlap = plan.overlap {
      let element = overlap.element(row: row, step: .axis(overlap.axis))
      return rowPlace + number(of: element, overlap)
    }
    return rowPlace + row * blockSteps + step
  }

  /// The rows of a tile at all steps of the open block, in vectors where neighbouring steps are
  /// neighbours in memory.
  mutating func emitRowPacking(band: Dim) {
    guard let memory = rowMemory, let f = plan.rowFactor, let rowAxis, let last = steps.last
    else { return }
    let row = firstRow(of: band)
    let height = height(of: band)
    let factor = plan.factors[f]
    let isEven = factor.reads.allSatisfy { k in
      guard case .memory(_, let index, let guards, _) = stage.reads[k] else { return false }
      let coefficient = index.linear(in: last)?.coefficient
      return (coefficient == 1 || coefficient == 0) && index.loadedReads.isEmpty
        && guards.allSatisfy { !$0.axes.contains(last) }
    }
    let usesIndex = factor.program.instructions.contains {
      if case .index = $0.op { true } else { false }
    }
    let lanes = isEven && !usesIndex && group.axes[last].estimate > 1 ? self.lanes : 1
    let i = newAxis()
    let overlap = plan.overlap
    let place = overlap?.row(of: .axis(i)) ?? .axis(i)
    loop(i, to: overlap?.length(rows: height) ?? height) { schedule in
      schedule.b.append(.bind(rowAxis, row + place))
      if let overlap { schedule.b.append(.bind(overlap.axis, 0)) }
      schedule.emitVectorSteps(lanes: lanes, without: overlap?.axis) { schedule, active in
        let value = schedule.factor(f, moved: [], along: last, lanes: lanes, active: active)
        schedule.b.append(
          .store(
            value,
            to: Statement.Access(
              memory, schedule.placeInRows(place), stride: lanes == 1 ? 0 : 1,
              active: lanes == 1 ? nil : active)))
      }
    }
  }
}
