internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// A kernel as text, one statement a line:
///
///     kernel relu(in b0: f32 x, out b1: f32 y) {
///       parallel i1..<i2 of floor(n + 4095, 4096) {
///         for i0 in 4096*i1..<min(4096*i2, n) step 16 {
///           r0: f32x16 = load b0[i0]
///
/// Names are those of the C: `i` for axes and `r` for registers. It is written for readers and
/// goldens; there is no parser.
extension Kernel: CustomStringConvertible {
  package var description: String {
    let list = buffers.enumerated().map { i, b in
      switch b.role {
      case .input: "in b\(i): \(b.dtype.irName) \(b.name)"
      case .output: "out b\(i): \(b.dtype.irName) \(b.name)"
      case .temporary(let elements, let perWorker):
        "temporary b\(i): \(b.dtype.irName)[\(elements.loopText)]"
          + (perWorker ? " per worker" : "") + " \(b.name)"
      }
    }
    var text = notes.map { "// \($0)\n" }.joined()
    text += "kernel \(name)(\n  " + list.joined(separator: ",\n  ") + "\n) {\n"
    if let streaming {
      let names = streaming.buffers.map { "b\($0)" }.joined(separator: ", ")
      text += "  past caches \(names) if \(bytes.loopText) >= \(streaming.limit)\n"
    }
    for statement in body { statement.write(into: &text, indent: 2) }
    return text + "}"
  }
}

extension Statement: CustomStringConvertible {
  package var description: String {
    var text = ""
    write(into: &text, indent: 0)
    text.removeLast()
    return text
  }

  fileprivate func write(into text: inout String, indent: Int) {
    let margin = String(repeating: " ", count: indent)
    func block(_ head: String, _ body: [Statement]) {
      text += "\(margin)\(head) {\n"
      for statement in body { statement.write(into: &text, indent: indent + 2) }
      text += "\(margin)}\n"
    }
    switch self {
    case .loop(let l):
      let step = l.step == 1 ? "" : " step \(l.step)"
      let apart = l.isApart ? " apart" : ""
      block("for i\(l.axis) in \(l.from.loopText)..<\(l.to.loopText)\(step)\(apart)", l.body)
    case .parallel(let p):
      let whole = p.isWhole ? " whole" : ""
      block("parallel i\(p.lower)..<i\(p.upper) of \(p.count.loopText)\(whole)", p.body)
    case .conditional(let guards, let body):
      block("if " + guards.map(\.loopText).joined(separator: " && "), body)
    case .library(let body, let otherwise):
      block("if library", body)
      block("else", otherwise)
    default: text += margin + line + "\n"
    }
  }

  private var line: String {
    switch self {
    case .assign(let r, .op(.constant(let bits), _)):
      "\(r) = constant \(Self.number(bits, r.dtype))"
    case .assign(let r, let value): "\(r) = \(value)"
    case .store(let r, let to): "store r\(r.number) to \(to)"
    case .bind(let axis, let d): "i\(axis) = \(d.loopText)"
    case .check(let r, let bound, let position, let location):
      "check 0 <= r\(r.number) < \(bound.loopText) at \(position.loopText) loc \(location)"
    case .call(let p): "\(p)"
    case .transpose(let t):
      "transpose \(t.lanes) by \(t.lanes) of b\(t.from)[\(t.index.loopText)] by"
        + " \(t.stride.loopText) to b\(t.to)[\(t.place.loopText)] by \(t.distance.loopText)"
    case .routine(let r): "\(r)"
    case .prefetch(let buffer, let index): "prefetch b\(buffer)[\(index.loopText)]"
    case .comment(let text): "// \(text)"
    case .loop, .parallel, .conditional, .library: ""
    }
  }

  /// A constant as the shortest decimal that reads back as it.
  private static func number(_ bits: UInt64, _ dtype: DType) -> String {
    switch dtype {
    case .bool: bits & 1 == 0 ? "false" : "true"
    case .float64: "\(Double(bitPattern: bits))"
    case .float32, .float16, .bfloat16: "\(Float(ScalarBits.double(bits, dtype)))"
    case .uint8, .uint16, .uint32, .uint64: "\(bits)"
    default: "\(Int64(bitPattern: bits))"
    }
  }
}

extension Register: CustomStringConvertible {
  /// The number with the type: `r3: f32x16`.
  package var description: String {
    "r\(number): \(dtype.irName)" + (lanes == 1 ? "" : "x\(lanes)")
  }
}

extension Statement.Value: CustomStringConvertible {
  package var description: String {
    switch self {
    case .op(.constant(let bits), _): "constant 0x" + String(bits, radix: 16)
    case .op(let op, let arguments):
      "\(op.name) " + arguments.map { "r\($0.number)" }.joined(separator: ", ")
    case .load(let a): "load \(a)"
    case .gather(let buffer, let index, let active):
      "gather b\(buffer)[r\(index.number)]" + (active.map { " active \($0.loopText)" } ?? "")
    case .splat(let r): "splat r\(r.number)"
    case .index(let d, let step):
      "index \(d.loopText)" + (step == 0 ? "" : " step \(step.loopText)")
    case .lanesBelow(let n): "lanes below \(n.loopText)"
    case .reduceLanes(let op, let r): "reduce \(op.name) r\(r.number)"
    case .copy(let r): "r\(r.number)"
    case .interleave(let registers, let part):
      "interleave " + registers.map { "r\($0.number)" }.joined(separator: ", ") + " part \(part)"
    }
  }
}

extension Statement.Access: CustomStringConvertible {
  package var description: String {
    var text = "b\(buffer)[\(index.loopText)]"
    if stride != 1 { text += " stride \(stride.loopText)" }
    if let active { text += " active \(active.loopText)" }
    if !guards.isEmpty {
      text += " if " + guards.map(\.loopText).joined(separator: " && ")
      text += " else 0x" + String(otherwise, radix: 16)
    }
    return text
  }
}

extension Statement.BlockedProduct: CustomStringConvertible {
  package var description: String {
    func text(_ o: Operand) -> String {
      "b\(o.buffer)[\(o.index.loopText)] by \(o.leading.loopText)"
        + (o.isTransposed ? " transposed" : "")
    }
    return "product \(dtype.irName) [\(m.loopText), \(k.loopText), \(n.loopText)] \(text(a)),"
      + " \(text(b)) to b\(c)[\(cIndex.loopText)] by \(ldc.loopText)"
  }
}

extension Statement.RoutineCall: CustomStringConvertible {
  package var description: String {
    func text(_ m: Matrices) -> String { "b\(m.buffer) by \(m.elements.loopText)" }
    return "\(kind) \(dtype.irName) [\(sizes.map(\.loopText).joined(separator: ", "))]"
      + (options == 0 ? "" : " options \(options)")
      + " of \(operands.map(text).joined(separator: ", "))"
      + " to \(results.map(text).joined(separator: ", "))"
      + " for \(from.loopText)..<\(to.loopText)" + (work.map { " with b\($0)" } ?? "")
  }
}

extension Read.Guard {
  fileprivate var loopText: String {
    switch self {
    case .nonNegative(let d): "\(d.loopText) >= 0"
    case .divisible(let d, let by): "\(d.loopText) % \(by.loopText) == 0"
    }
  }
}

extension Dim {
  /// The expression with axes as `i3` and registers as `r5`.
  var loopText: String {
    substituting { atom in
      switch atom {
      case .axis(let a): Dim(named: "i\(a)")
      case .loaded(let r): Dim(named: "r\(r)")
      default: nil
      }
    }.description
  }
}
