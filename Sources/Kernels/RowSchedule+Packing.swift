internal import GnomonIR
internal import GnomonTensors

extension RowSchedule {
  /// A read that each row makes at the same places.
  struct PackedRead: Hashable {
    var buffer: Int
    var index: Dim
  }

  /// Copies what every row reads with a stride into rows of scratch, once: a vector then takes one
  /// load where it took one for each lane.
  mutating func packStridedReads() {
    guard lanes > 1, inner.count == 1, let v = inner.last else { return }
    if let rows = outerCount.constant, rows < Self.rowsWorthPacking { return }
    var reads: [PackedRead] = []
    for stage in group.stages {
      for case .memory(let buffer, let index, let guards, _) in stage.reads
      where guards.isEmpty && index.axes == [v] && index.loadedReads.isEmpty {
        let read = PackedRead(buffer: buffer, index: index)
        if index.linear(in: v)?.coefficient != 1, !reads.contains(read) { reads.append(read) }
      }
    }
    if reads.isEmpty { return }
    for read in reads {
      packed[read] = addBuffer(
        buffers[read.buffer].dtype, innerCount, perWorker: false,
        name: "packed \(buffers[read.buffer].name)")
    }
    vectorLoop(v, from: 0, to: group.axes[v]) { schedule, lanes, offset, active in
      for read in reads {
        let dtype = schedule.buffers[read.buffer].dtype
        let value = schedule.b.load(
          dtype, read.buffer, read.index, guards: [], otherwise: 0, reads: [], v: v, lanes: lanes,
          offset: offset, active: active)
        schedule.b.append(
          .store(
            value,
            to: Statement.Access(
              schedule.packed[read]!, .axis(v) + Dim(offset), active: active)))
      }
    }
  }

  /// Fewer rows than these read as they are.
  private static let rowsWorthPacking = 4
}
