internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// A loop over steps inside one kernel: each vector of points runs through all steps before the next,
/// its state in registers.
///
/// Only for steps in which no point looks at another: the body is one group without reductions, and
/// carries are read where they are written.
struct TimeLoop {
  private let form: Loop
  private let length: Dim
  private let group: FusionGroup
  /// The operands of the loop: the initial carries, the sequences, the captures; then its results.
  private let operandBuffers: [Kernel.Buffer]
  private let resultBuffers: [Kernel.Buffer]
  /// For each operand, then each result, its buffer in the kernel; nil where none is needed: of
  /// carries that begin as a constant, and of results that nobody reads.
  private var number: [Int?] = []
  /// The programs of carries that begin as a constant, without operands.
  private var constants: [Int: ScalarProgram] = [:]
  /// For each carry the stage that makes the next value, and the place of a point in it.
  private var next: [(stage: Int, index: Dim)] = []
  /// For each output the stage and the place.
  private var outputs: [(stage: Int, index: Dim, row: Dim)] = []
  /// For each operand that is a sequence the elements of a row.
  private var rowSizes: [Int: Dim] = [:]
  private var b = NestBuilder()
  private var nextAxis: Int

  /// How many vectors run through the steps together, so that the latency of one hides behind the
  /// others; fewer when each has more state to keep in registers.
  private var width: Int { form.carries <= 2 ? 8 : 4 }

  /// How many vectors run together: first as many as possible, then fewer for what is left, by halves
  /// where the steps are so short that the code stays small.
  private var groups: [Int] {
    let length = group.stages.reduce(0) { $0 + $1.body.instructions.count }
    if length > 16 { return [width, 1] }
    return Array(sequence(first: width) { $0 > 1 ? $0 / 2 : nil })
  }

  /// Nil when the loop is not of that kind.
  ///
  /// - Parameter isUsed: whether anyone reads a result.
  init?(
    _ form: Loop, _ instruction: Graph.Instruction, in graph: Graph, isUsed: (ValueID) -> Bool
  ) throws {
    guard let length = form.length, let body = instruction.regions.last?.withoutKernels(),
      var group = try? FusionGroup(body, name: "loop")
    else { return nil }
    self.form = form
    self.length = length
    group = group.removingUnusedStages()
    guard group.stages.allSatisfy({ $0.combiner == nil }), !group.isBoxes, !group.stages.isEmpty
    else { return nil }
    self.group = group.mergingAxes()
    nextAxis = group.axes.count + 1
    operandBuffers = instruction.operands.map {
      Kernel.Buffer(graph.type(of: $0).dtype, .input, name: graph.displayName($0))
    }
    resultBuffers = instruction.results.map {
      Kernel.Buffer(graph.type(of: $0).dtype, .output, name: graph.displayName($0))
    }
    for k in form.carries..<(form.carries + form.sequences) {
      rowSizes[k] = body.type(of: body.parameters[k]).elementCount
    }
    guard !pointAxes.isEmpty else { return nil }
    // Where results are made. A value that is a carry and an output has a buffer for each.
    for (k, r) in body.results.enumerated() {
      let buffer = operandBuffers.count + k
      guard
        let s = self.group.stages.firstIndex(where: { $0.writes.contains { $0.buffer == buffer } }),
        Set(self.group.stages[s].axes.filter { self.group.axes[$0] != 1 }) == Set(pointAxes)
      else { return nil }
      let index = self.group.stages[s].writes.first { $0.buffer == buffer }!.index
      if k < form.carries {
        next.append((s, index))
      } else {
        outputs.append((s, index, body.type(of: r).elementCount))
      }
    }
    let definitions = graph.definitions()
    for k in 0..<form.carries {
      if let d = definitions[instruction.operands[k].index],
        let constant = graph.instructions[d].uniformProgram
      {
        constants[k] = constant
      }
    }
    var count = 0
    for k in 0..<(instruction.operands.count + instruction.results.count) {
      let r = k - instruction.operands.count
      let isNeeded = r < 0 ? constants[k] == nil : isUsed(instruction.results[r])
      number.append(isNeeded ? count : nil)
      if isNeeded { count += 1 }
    }
    // Carries are read where they are written.
    for stage in self.group.stages {
      for case .memory(let buffer, let index, let guards, _) in stage.reads
      where buffer < form.carries {
        guard index == next[buffer].index, guards.isEmpty else { return nil }
      }
    }
  }

  private var pointAxes: [Int] { group.axes.indices.filter { group.axes[$0] != 1 } }
  private var time: Int { group.axes.count }

  private mutating func newAxis() -> Int {
    nextAxis += 1
    return nextAxis - 1
  }

  mutating func kernel(name: String) -> Kernel {
    let axes = pointAxes
    let v = axes[axes.count - 1]
    let lanes = group.lanes(along: v)
    let extent = group.axes[v]
    let step = lanes * width
    let lower = newAxis()
    let upper = newAxis()
    let body: [Statement]
    let count: Dim
    if axes.count == 1 {
      // Units of a few vectors are dealt out to the workers.
      let unit = newAxis()
      count = (extent + Dim(step - 1)).quotient(dividingBy: Dim(step))
      let inside = block { loop in
        let from = .axis(unit) * Dim(step)
        loop.vectors(v, from: from, to: Dim.minimum(from + Dim(step), extent), lanes: lanes)
      }
      body = [.loop(Statement.Loop(unit, from: .axis(lower), to: .axis(upper), inside))]
    } else {
      count = group.axes[axes[0]]
      var inside = block { $0.vectors(v, from: 0, to: extent, lanes: lanes) }
      for (depth, axis) in axes.dropLast().enumerated().reversed() {
        inside = [
          .loop(
            Statement.Loop(
              axis, from: depth == 0 ? .axis(lower) : 0,
              to: depth == 0 ? .axis(upper) : group.axes[axis], inside))
        ]
      }
      body = inside
    }
    let all = operandBuffers + resultBuffers
    return Kernel(
      name: name, buffers: all.indices.filter { number[$0] != nil }.map { all[$0] },
      body: [
        .parallel(
          Statement.Parallel(lower: lower, upper: upper, count: count, cost: cost, body))
      ])
  }

  /// Whether the kernel takes an operand, and gives a result.
  func takes(_ operand: Int) -> Bool { number[operand] != nil }
  func gives(_ result: Int) -> Bool { number[operandBuffers.count + result] != nil }

  /// The operations of all steps.
  var flops: Dim { group.flops * length }

  /// The predicted time in nanoseconds.
  private var cost: Dim {
    let points = pointAxes.reduce(Dim(1)) { $0 * group.axes[$1] }
    let weight = group.stages.reduce(0) { total, stage in
      total + stage.body.instructions.reduce(1) { $0 + RowPlan.weight($1.op) }
    }
    return (points * length * Dim(weight)).quotient(dividingBy: 32)
  }

  private mutating func block(_ body: (inout TimeLoop) -> Void) -> [Statement] {
    b.open()
    body(&self)
    return b.close()
  }

  /// Several vectors at a time, then single ones, then the rest of one.
  private mutating func vectors(_ v: Int, from: Dim, to: Dim, lanes: Int) {
    guard lanes > 1 else {
      let inside = block { $0.points(v, lanes: 1, copies: 1, active: nil) }
      b.append(.loop(Statement.Loop(v, from: from, to: to, inside)))
      return
    }
    var at = from
    for copies in groups {
      let step = copies * lanes
      let end = newAxis()
      b.append(.bind(end, at + (to - at).quotient(dividingBy: Dim(step)) * Dim(step)))
      let inside = block { $0.points(v, lanes: lanes, copies: copies, active: nil) }
      b.append(.loop(Statement.Loop(v, from: at, to: .axis(end), step: step, inside)))
      at = .axis(end)
    }
    let tail = block { loop in
      loop.b.append(.bind(v, at))
      loop.points(v, lanes: lanes, copies: 1, active: to - at)
    }
    b.append(.conditional([.nonNegative(to - at - 1)], tail))
  }

  /// All steps for `copies` vectors of points.
  private mutating func points(_ v: Int, lanes: Int, copies: Int, active: Dim?) {
    func place(_ buffer: Int, _ index: Dim, _ copy: Int) -> Statement.Access {
      Statement.Access(
        buffer, index.shifted(v, by: copy * lanes),
        stride: lanes == 1 ? 0 : index.linear(in: v)?.coefficient ?? 1, active: active)
    }
    var carries: [[Register]] = []
    for k in 0..<form.carries {
      let dtype = operandBuffers[k].dtype
      guard let constant = constants[k] else {
        carries.append(
          (0..<copies).map {
            b.mutableLoad(dtype, lanes: lanes, place(number[k]!, next[k].index, $0))
          })
        continue
      }
      let one = b.evaluate(constant, lanes: lanes, operands: []) { ($0, step: 0) }
      let wide = b.wide(one, lanes)
      carries.append((0..<copies).map { _ in b.mutableCopy(wide) })
    }
    let row: Dim = form.isReversed ? length - 1 - .axis(time) : .axis(time)
    let results = operandBuffers.count
    let inside = block { loop in
      var made: [[Register]] = []
      for copy in 0..<copies {
        let values = loop.step(
          v, lanes: lanes, offset: copy * lanes, active: active, row: row,
          carries: carries.map { $0[copy] })
        made.append(
          loop.next.map { target in
            // The old value of another carry would be gone by the time it is read.
            let value = loop.b.wide(values[target.stage], lanes)
            return loop.b.define(value.dtype, lanes: lanes, .copy(value))
          })
        for (k, output) in loop.outputs.enumerated() {
          guard let buffer = loop.number[results + loop.form.carries + k] else { continue }
          var access = place(buffer, output.index, copy)
          access.index = access.index + row * output.row
          loop.b.append(.store(loop.b.wide(values[output.stage], lanes), to: access))
        }
      }
      for copy in 0..<copies {
        for k in 0..<loop.form.carries { loop.b.assign(carries[k][copy], .copy(made[copy][k])) }
      }
    }
    b.append(.loop(Statement.Loop(time, to: length, inside)))
    for k in 0..<form.carries {
      guard let buffer = number[results + k] else { continue }
      for copy in 0..<copies {
        b.append(.store(carries[k][copy], to: place(buffer, next[k].index, copy)))
      }
    }
  }

  /// The values of all stages for one vector at one step.
  private mutating func step(
    _ v: Int, lanes: Int, offset: Int, active: Dim?, row: Dim, carries: [Register]
  ) -> [Register] {
    var values: [Register] = []
    for stage in group.stages {
      var operands: [Register] = []
      for read in stage.reads {
        switch read {
        case .stage(let i): operands.append(values[i])
        case .memory(let o, let index, let guards, let otherwise):
          if o < form.carries {
            operands.append(carries[o])
            continue
          }
          let place = rowSizes[o].map { index + row * $0 } ?? index
          operands.append(
            b.load(
              operandBuffers[o].dtype, number[o]!, place, guards: guards, otherwise: otherwise,
              reads: operands, v: v, lanes: lanes, offset: offset, active: active))
        }
      }
      values.append(
        b.evaluate(stage.body, lanes: lanes, operands: operands) { d in
          (d.shifted(v, by: offset), step: lanes == 1 ? 0 : d.linear(in: v)?.coefficient ?? 0)
        })
    }
    return values
  }
}

extension Graph {
  /// The graph with the instructions of its kernels side by side; nil if there is anything else.
  fileprivate func withoutKernels() -> Graph? {
    var builder = GraphBuilder(name: name)
    var map: [ValueID: ValueID] = [:]
    for p in parameters { map[p] = builder.addParameter(type(of: p), name: values[p.index].name) }
    for kernel in instructions {
      guard kernel.op is Fused else { return nil }
      let region = kernel.regions[0]
      var inner: [ValueID: ValueID] = [:]
      for (p, o) in zip(region.parameters, kernel.operands) { inner[p] = map[o] }
      for i in region.instructions {
        let made = builder.append(
          i.op, i.operands.map { inner[$0]! }, types: i.results.map { region.type(of: $0) },
          at: region.location(of: i))
        for (r, v) in zip(i.results, made) { inner[r] = v }
      }
      for (r, v) in zip(kernel.results, region.results) { map[r] = inner[v] }
    }
    builder.setResults(results.map { map[$0]! })
    return builder.graph
  }
}

extension Graph.Instruction {
  /// What every element of the kernel's only result is, if it is made of constants alone.
  fileprivate var uniformProgram: ScalarProgram? {
    guard op is Fused, operands.isEmpty, results.count == 1,
      let group = try? FusionGroup(regions[0], name: "").removingUnusedStages()
    else { return nil }
    // A copy of a constant: the last stage hands on what the first one is.
    var value: ScalarProgram?
    for stage in group.stages {
      guard stage.combiner == nil, !stage.body.instructions.contains(where: \.isIndex) else {
        return nil
      }
      if stage.reads.isEmpty {
        guard value == nil else { return nil }
        value = stage.body
      } else {
        guard stage.reads.count == 1, case .stage = stage.reads[0],
          stage.body.instructions.count == 1
        else { return nil }
      }
    }
    return value
  }
}

extension ScalarProgram.Instruction {
  fileprivate var isIndex: Bool {
    if case .index = op { return true }
    return false
  }
}
