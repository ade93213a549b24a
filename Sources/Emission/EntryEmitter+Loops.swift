internal import GnomonCSyntax
internal import GnomonKernels
internal import GnomonTensors

extension EntryEmitter {
  static func carry(_ loop: Int, _ k: Int) -> String { "carry\(loop)_\(k)" }
  static func next(_ loop: Int, _ k: Int) -> String { "next\(loop)_\(k)" }
  static func row(_ loop: Int) -> String { "row\(loop)" }

  /// A loop over steps: carries are pointers that move from buffer to buffer, rows are offsets.
  func loop(_ loop: Program.StepLoop) -> [CStatement] {
    let n = loop.number
    let step = CExpression.name("step\(n)")
    var lines: [CStatement] = []
    for (k, carry) in loop.carries.enumerated() {
      lines.append(.declare("void *", Self.carry(n, k), pointer(carry.initial)))
    }
    var body: [CStatement] = []
    var count = CExpression.name("INT64_MAX")
    switch loop.count {
    case .times(let length, let isReversed):
      count = size(length)
      if loop.usesRows {
        body.append(
          .declare("const int64_t", Self.row(n), isReversed ? count - 1 - step : step))
      }
    case .whileTrue(let condition, let flag):
      body += steps(condition)
      body.append(
        .conditional(
          .binary("==", .unary("*", .cast("const uint8_t *", pointer(flag))), 0),
          [.expression("break")], otherwise: []))
    }
    for (k, carry) in loop.carries.enumerated() {
      let target: CExpression
      switch carry.target {
      case .row(let row): target = pointer(row)
      case .alternating(let a, let b):
        switch loop.count {
        // The last step writes the first buffer, which is the result's.
        case .times:
          target = .conditional(
            .binary("==", .binary("%", count - step, 2), 1), pointer(a), pointer(b))
        case .whileTrue:
          target = .conditional(
            .binary("==", .name(Self.carry(n, k)), pointer(a)), pointer(b), pointer(a))
        }
      }
      body.append(.declare("void *const", Self.next(n, k), target))
    }
    body += steps(loop.steps)
    for k in loop.carries.indices {
      body.append(.assign(.name(Self.carry(n, k)), .name(Self.next(n, k))))
    }
    lines.append(.loop("step\(n)", from: 0, to: count, step: 1, body))
    for (k, carry) in loop.carries.enumerated() {
      guard let result = carry.result else { continue }
      let (from, to) = (CExpression.name(Self.carry(n, k)), pointer(result))
      lines.append(
        .conditional(
          .binary("!=", from, to),
          [
            .expression(
              .call("__builtin_memcpy", [to, from, .cast("__SIZE_TYPE__", size(carry.bytes))]))
          ], otherwise: []))
    }
    return [.block(lines)]
  }
}

extension Program.StepLoop {
  /// The formulas that the loop's own code uses.
  var formulas: [Dim] {
    var all = carries.map(\.bytes)
    if case .times(let n, _) = count { all.append(n) }
    forEachPlace { place in
      var place = place
      while case .row(let base, _, let bytes) = place {
        all.append(bytes)
        place = base
      }
    }
    return all
  }

  /// Whether anything lies at the row of the step.
  var usesRows: Bool {
    var found = false
    forEachPlace { place in
      var place = place
      while case .row(let base, let loop, _) = place {
        if loop == number { found = true }
        place = base
      }
    }
    return found
  }

  private func forEachPlace(_ body: (Program.Place) -> Void) {
    func visit(_ steps: [Program.Step]) {
      for step in steps {
        switch step {
        case .run(_, let buffers): buffers.forEach(body)
        case .branch(let condition, let a, let b):
          body(condition)
          visit(a)
          visit(b)
        case .loop(let inner): inner.forEachPlace(body)
        case .checks: break
        case .print(_, let place): body(place)
        }
      }
    }
    for carry in carries {
      body(carry.initial)
      if case .row(let row) = carry.target { body(row) }
      if let result = carry.result { body(result) }
    }
    if case .whileTrue(let condition, let flag) = count {
      visit(condition)
      body(flag)
    }
    visit(steps)
  }
}
