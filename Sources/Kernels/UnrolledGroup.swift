internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// A group with the points of its short axes written out: a stage that varies along them becomes one
/// stage a point, and a reduction over them is part of the body.
///
///     r[i, j] = sum over c: 3 of (p[3*i + c] - p[3*j + c])²
/// ->
///     r[i, j] = (p[3*i] - p[3*j])² + (p[3*i + 1] - p[3*j + 1])² + (p[3*i + 2] - p[3*j + 2])²
///
/// What is left runs along the long axes, which fill vectors, and needs no reduction within another.
struct UnrolledGroup {
  /// How many points of short axes are written out at most.
  static let extentLimit = 16
  /// How many stages that may become.
  static let copyLimit = 256
  /// Rows of at most so many points are written out even where they could be loops.
  static let shortRow = 4

  private let group: FusionGroup
  private let axes: [Int]
  /// The points, each with a coordinate for every axis of `axes`.
  private let points: [[Int]]
  private var stages: [FusionGroup.Stage] = []
  /// For each old stage its number at each point; one number where it does not vary.
  private var copies: [[Int]] = []
  /// What sums that are written out begin with, by the old stage.
  private var beginnings: [Int: UInt64] = [:]

  static func of(_ group: FusionGroup, _ axes: AxisSet) -> FusionGroup {
    var unrolled = UnrolledGroup(group, axes)
    for stage in unrolled.withAddendsFirst() { unrolled.add(stage) }
    var result = group
    result.stages = unrolled.stages
    for a in axes.axes { result.axes[a] = 1 }
    return result
  }

  private init(_ group: FusionGroup, _ axes: AxisSet) {
    self.group = group
    self.axes = axes.axes
    var points: [[Int]] = [[]]
    for a in axes.axes {
      points = points.flatMap { p in (0..<group.axes[a].constant!).map { p + [$0] } }
    }
    self.points = points
  }

  /// The stages where a sum to be written out begins with the constant that its only reader would add,
  /// which is an operation less: `(0 + a b + c d) + k` is `(k + a b) + c d`.
  private mutating func withAddendsFirst() -> [FusionGroup.Stage] {
    var stages = group.stages
    var readers: [Int: [(stage: Int, read: Int)]] = [:]
    for (t, stage) in stages.enumerated() {
      for (k, read) in stage.reads.enumerated() {
        if case .stage(let s) = read { readers[s, default: []].append((t, k)) }
      }
    }
    for (s, stage) in stages.enumerated()
    where stage.combiner == .sum && stage.writes.isEmpty && !stage.reduced.isEmpty
      && stage.reduced.allSatisfy(axes.contains) && stage.dtype.isFloat
      && stage.combiner!.accumulator(stage.dtype) == stage.dtype
    {
      guard let reader = readers[s]?.first, readers[s]!.count == 1 else { continue }
      let constants = stages[reader.stage].reads.map { read -> UInt64? in
        guard case .stage(let c) = read, case let body = stages[c].body,
          case .constant(let bits) = body.instructions[body.results[0]].op
        else { return nil }
        return bits
      }
      beginnings[s] = stages[reader.stage].body.removeConstantAddend(
        ofOperand: reader.read, constants)
    }
    return stages
  }

  private mutating func add(_ stage: FusionGroup.Stage) {
    // Points that differ in other axes only are the same stage.
    var known: [[Int]: Int] = [:]
    var own: [Int] = []
    for point in points {
      let key = zip(axes, point).map { stage.axes.contains($0) ? $1 : 0 }
      if known[key] == nil {
        let joined = points.indices.filter { p in
          zip(axes, zip(points[p], key)).allSatisfy { axis, pair in
            stage.reduced.contains(axis) || pair.0 == pair.1
          }
        }
        known[key] = stages.count
        stages.append(copy(of: stage, at: joined))
      }
      own.append(known[key]!)
    }
    copies.append(own)
  }

  /// The stage at one point, or the points that it joins.
  private func copy(of stage: FusionGroup.Stage, at joined: [Int]) -> FusionGroup.Stage {
    var new = stage
    new.axes.removeAll { axes.contains($0) }
    new.reduced.removeAll { axes.contains($0) }
    new.writes = stage.writes.map { ($0.buffer, self.at(joined[0], $0.index)) }
    guard new.reduced.count < stage.reduced.count else {
      new.reads = stage.reads.map { read($0, at: joined[0], shift: 0) }
      new.body = body(stage.body, at: joined[0])
      return new
    }
    let combiner = stage.combiner!
    let dtype = combiner.accumulator(stage.dtype)
    new.reads = []
    var b = ScalarBuilder(operands: [])
    var total: ScalarBuilder.Value?
    if combiner == .sum {
      total = b.constant(bits: beginnings[copies.count] ?? combiner.identity(dtype), dtype)
    }
    for point in joined {
      let shift = new.reads.count
      new.reads += stage.reads.map { read($0, at: point, shift: shift) }
      let operands = stage.body.operands.map { b.addOperand($0) }
      let body = self.body(stage.body, at: point)
      if let sum = total, combiner == .sum, let factors = body.factors(dtype) {
        let pair = b.inline(factors, operands)
        total = b.multiplyAdd(pair[0], pair[1], sum)
        continue
      }
      let value = b.convert(b.inline(body, operands)[0], to: dtype)
      total = total.map { b.emit(combiner.op!, dtype, $0, value) } ?? value
    }
    if new.reduced.isEmpty {
      new.combiner = nil
      new.needsTile = false
      total = b.convert(total!, to: stage.dtype)
    }
    new.body = b.program(results: [total!])
    return new
  }

  private func at(_ point: Int, _ d: Dim) -> Dim {
    d.substituting { atom in
      guard case .axis(let a) = atom, let k = axes.firstIndex(of: a) else { return nil }
      return Dim(points[point][k])
    }
  }

  /// - Parameter shift: how many reads come before those of the point.
  private func read(
    _ read: FusionGroup.StageRead, at point: Int, shift: Int
  ) -> FusionGroup.StageRead {
    func moved(_ d: Dim) -> Dim {
      at(point, d).substituting { atom in
        guard case .loaded(let k) = atom else { return nil }
        return Dim(.loaded(k + shift))
      }
    }
    switch read {
    case .stage(let s): return .stage(copies[s][point])
    case .memory(let buffer, let index, let guards, let otherwise):
      return .memory(
        buffer: buffer, index: moved(index), guards: guards.map { $0.mapped(moved) },
        otherwise: otherwise)
    }
  }

  private func body(_ program: ScalarProgram, at point: Int) -> ScalarProgram {
    var program = program
    for i in program.instructions.indices {
      if case .index(let d) = program.instructions[i].op {
        program.instructions[i].op = .index(at(point, d))
      }
    }
    return program
  }
}

extension ScalarProgram {
  /// Takes away `+ constant` from the only use of an operand, and returns the constant's bits.
  /// - Parameter constants: the bits of the operands that are constant.
  fileprivate mutating func removeConstantAddend(
    ofOperand n: Int, _ constants: [UInt64?]
  ) -> UInt64? {
    let uses = instructions.indices.filter { i in
      instructions[i].arguments.contains { instructions[$0].op == .operand(n) }
    }
    guard uses.count == 1, !results.contains(where: { instructions[$0].op == .operand(n) }) else {
      return nil
    }
    let sum = instructions[uses[0]]
    guard sum.op == .add, sum.a != sum.b else { return nil }
    let other = instructions[sum.a].op == .operand(n) ? sum.b : sum.a
    let bits: UInt64? =
      switch instructions[other].op {
      case .constant(let bits): bits
      case .operand(let m): constants[m]
      default: nil
      }
    if bits != nil { instructions[uses[0]] = Instruction(.operand(n), sum.dtype) }
    return bits
  }
}
