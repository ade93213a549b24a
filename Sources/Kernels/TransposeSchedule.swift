internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// The nest of a copy whose elements are neighbours along one axis where they are read and along another
/// one where they are written: square blocks are turned in registers, so that every cache line is read
/// and written whole.
///
///     parallel over the other axes and blocks of the source's axis
///       for each block of the result's axis
///         turn the block
///       what is left over, element by element
struct TransposeSchedule {
  private let group: FusionGroup
  private let lanes: Int
  /// The axis along which the source is contiguous, and that of the result.
  private let source: Int
  private let target: Int
  private let outer: [Int]
  private let read: (buffer: Int, index: Dim)
  private let write: (buffer: Int, index: Dim)
  private var b = NestBuilder()

  /// Nil where the group is anything else.
  init?(_ group: FusionGroup) {
    guard group.stages.count == 1, let stage = group.stages.first, stage.combiner == nil,
      stage.reads.count == 1, stage.writes.count == 1, stage.body.instructions.count == 1,
      stage.body.instructions[0].op == .operand(0),
      case .memory(let buffer, let index, let guards, _) = stage.reads[0], guards.isEmpty,
      index.loadedReads.isEmpty
    else { return nil }
    let write = stage.writes[0]
    func isContiguous(_ d: Dim, _ axis: Int) -> Bool { d.linear(in: axis)?.coefficient == 1 }
    func isLinear(_ d: Dim, _ axis: Int) -> Bool {
      d.linear(in: axis).map { $0.coefficient != 0 } ?? false
    }
    guard
      let source = stage.axes.first(where: {
        isContiguous(index, $0) && isLinear(write.index, $0)
      }),
      let target = stage.axes.first(where: { isContiguous(write.index, $0) && isLinear(index, $0) }
      ),
      source != target
    else { return nil }
    let lanes = group.lanes(along: target)
    guard lanes * stage.dtype.byteCount == 64,
      [source, target].allSatisfy({ group.axes[$0].estimate >= lanes })
    else { return nil }
    self.group = group
    self.lanes = lanes
    self.source = source
    self.target = target
    outer = stage.axes.filter { $0 != source && $0 != target }
    read = (buffer, index)
    self.write = write
  }

  mutating func statements() -> [Statement] {
    let size = Dim(lanes)
    let blocks = (group.axes[source] + size - 1).quotient(dividingBy: size)
    let points = (outer + [source, target]).reduce(Dim(1)) { $0 * group.axes[$1] }
    var next = group.axes.count
    func axis() -> Int {
      next += 1
      return next - 1
    }
    let (lower, upper, number, block) = (axis(), axis(), axis(), axis())
    b.open()
    b.open()
    var left = Dim.axis(number)
    let parts = [(block, blocks)] + outer.reversed().map { ($0, group.axes[$0]) }
    for (k, part) in parts.enumerated() {
      guard k + 1 < parts.count else {
        b.append(.bind(part.0, left))
        break
      }
      let quotient = axis()
      b.append(.bind(quotient, left.quotient(dividingBy: part.1)))
      b.append(.bind(part.0, left - .axis(quotient) * part.1))
      left = .axis(quotient)
    }
    let first = Dim.axis(block) * size
    let end = Dim.minimum(first + size, group.axes[source])
    // Whole blocks as far as there are any, and what is left of each line.
    let whole = (end - first).quotient(dividingBy: size)
    let turned = whole * group.axes[target].quotient(dividingBy: size) * size
    emitTurned(from: first, to: turned)
    b.open()
    b.open()
    emitElement()
    let line = b.close()
    b.append(.loop(Statement.Loop(source, from: first, to: end, step: 1, line)))
    let rest = b.close()
    b.append(.loop(Statement.Loop(target, from: turned, to: group.axes[target], step: 1, rest)))
    let body = b.close()
    b.append(.loop(Statement.Loop(number, from: .axis(lower), to: .axis(upper), step: 1, body)))
    return [
      .parallel(
        Statement.Parallel(
          lower: lower, upper: upper, count: outer.reduce(blocks) { $0 * group.axes[$1] },
          cost: points.quotient(dividingBy: 4), b.close()))
    ]
  }

  private mutating func emitTurned(from first: Dim, to end: Dim) {
    b.open()
    b.append(.bind(source, first))
    b.append(
      .transpose(
        Statement.Transposition(
          lanes: lanes, from: read.buffer, index: read.index,
          stride: read.index.linear(in: target)!.coefficient, to: write.buffer,
          place: write.index, distance: write.index.linear(in: source)!.coefficient)))
    let body = b.close()
    b.append(.loop(Statement.Loop(target, from: 0, to: end, step: lanes, body)))
  }

  private mutating func emitElement() {
    let value = b.load(
      group.buffers[read.buffer].dtype, read.buffer, read.index, guards: [], otherwise: 0,
      reads: [], v: -1, lanes: 1, offset: 0, active: nil)
    b.append(.store(value, to: Statement.Access(write.buffer, write.index, stride: 0)))
  }
}
