internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Joins slices, and takes them from what a concatenation, padding or broadcast was made of.
///
///     %2 = concatenate %0, %1 {axis = 0} : f32[5]
///     %3 = slice %2 {starts = [3], sizes = [2], steps = [1]} : f32[2]
/// ->
///     %2 = slice %1 {starts = [0], sizes = [2], steps = [1]} : f32[2]
package let simplifyIndexing = RulePass(
  "simplify-indexing", "Join slices, and take them from the parts of what they are slices of.",
  [
    Rule("slice(x) = x, whole", at: Slice.self) { rewriter, slice, site in
      slice.isWhole(rewriter.type(of: site.operands[0]).shape) ? site.operands[0] : nil
    },
    Rule("slice(slice(x)) = slice(x)", at: Slice.self) { rewriter, slice, site in
      guard let (inner, x) = rewriter.find(Slice.self, site.operands[0]) else { return nil }
      return try rewriter.emitUnconditional(
        Slice(
          starts: slice.starts.indices.map {
            inner.starts[$0] + slice.starts[$0] * Dim(inner.steps[$0])
          }, sizes: slice.sizes, steps: zip(slice.steps, inner.steps).map(*)), x)
    },
    Rule("slice(concatenate(x, y)) = slice(x)", at: Slice.self) { rewriter, slice, site in
      guard let (concatenation, parts) = rewriter.find(Concatenate.self, site.operands[0]) else {
        return nil
      }
      let axis = concatenation.axis
      let (low, high) = slice.range(axis)
      var offset = Dim(0)
      for part in parts {
        let size = rewriter.type(of: part).shape[axis]
        if (low - offset).isKnownNonNegative, (offset + size - high - 1).isKnownNonNegative {
          var own = slice
          own.starts[axis] = slice.starts[axis] - offset
          return try rewriter.emitUnconditional(own, [part])
        }
        offset += size
      }
      return nil
    },
    Rule("slice(pad(x)) = slice(x), inside", at: Slice.self) { rewriter, slice, site in
      guard let (pad, x) = rewriter.find(Pad.self, site.operands[0]),
        pad.steps.allSatisfy({ $0 == 1 })
      else { return nil }
      let shape = rewriter.type(of: x[0]).shape
      var own = slice
      for axis in shape.indices {
        let (low, high) = slice.range(axis)
        guard (low - pad.starts[axis]).isKnownNonNegative,
          (pad.starts[axis] + shape[axis] - high - 1).isKnownNonNegative
        else { return nil }
        own.starts[axis] = slice.starts[axis] - pad.starts[axis]
      }
      return try rewriter.emitUnconditional(own, x)
    },
    Rule("slice(broadcast(x)) = broadcast(slice(x))", at: Slice.self) { rewriter, slice, site in
      guard let (_, x) = rewriter.find(Broadcast.self, site.operands[0]) else { return nil }
      let shape = rewriter.type(of: x[0]).shape
      let lead = slice.sizes.count - shape.count
      var own = Slice(
        starts: Array(slice.starts[lead...]), sizes: Array(slice.sizes[lead...]),
        steps: Array(slice.steps[lead...]))
      for axis in shape.indices where shape[axis] == 1 {
        own.starts[axis] = 0
        own.sizes[axis] = 1
        own.steps[axis] = 1
      }
      guard let part = try rewriter.emitUnconditional(own, x) else { return nil }
      return try rewriter.fit(part, site.type)
    },
    Rule("pad(x) = x, by nothing", at: Pad.self) { rewriter, pad, site in
      let shape = rewriter.type(of: site.operands[0]).shape
      let isWhole =
        pad.shape == shape && pad.starts.allSatisfy { $0 == 0 }
        && pad.steps.allSatisfy { $0 == 1 }
      return isWhole ? site.operands[0] : nil
    },
    // Sums of paddings are what the gradient of a tensor's parts is made of. -0 + 0 is 0.
    Rule("pad(x) + pad(y) = concatenate(x, y), side by side", at: Add.self, is: .rounding) {
      rewriter, _, site in try rewriter.joinedPaddings(site)
    },
    Rule("concatenate(x) = x", at: Concatenate.self) { _, _, site in
      site.operands.count == 1 ? site.operands[0] : nil
    },
    Rule("concatenate(x, empty) = x", at: Concatenate.self) { rewriter, concatenation, site in
      let staying = site.operands.filter {
        rewriter.type(of: $0).shape[concatenation.axis] != 0
      }
      guard !staying.isEmpty, staying.count < site.operands.count else { return nil }
      var context = TypeContext(operands: staying.map { rewriter.type(of: $0) })
      // The other axes might have had their sizes from the part that goes.
      guard try concatenation.resultTypes(&context)[0] == site.type else { return nil }
      return try rewriter.emit(concatenation, staying)
    },
    Rule(
      "concatenate(concatenate(x, y), z) = concatenate(x, y, z)", at: Concatenate.self
    ) { rewriter, concatenation, site in
      var isFound = false
      let parts = site.operands.flatMap { operand -> [ValueID] in
        guard let (inner, parts) = rewriter.find(Concatenate.self, operand), inner == concatenation
        else { return [operand] }
        isFound = true
        return parts
      }
      return isFound ? try rewriter.emitUnconditional(concatenation, parts) : nil
    },
  ] + sparseSums)

/// A sum with what is zero but for some rows is a sum into those rows: the gradient of an embedding
/// never becomes a whole table.
private let sparseSums = [
  Rule("x + scatter_add(0, i, y) = scatter_add(x, i, y)", at: Add.self, is: .rounding) {
    rewriter, _, site in
    for (x, sum) in [(0, 1), (1, 0)].map({ (site.operands[$0], site.operands[$1]) })
    where rewriter.type(of: x) == site.type {
      if let value = try rewriter.scattered(sum, onto: { _ in x }, { $1 }) { return value }
    }
    return nil
  },
  Rule("x - scatter_add(0, i, y) = scatter_add(x, i, -y)", at: Subtract.self, is: .rounding) {
    rewriter, _, site in
    guard rewriter.type(of: site.operands[0]) == site.type,
      rewriter.type(of: site.operands[1]) == site.type
    else { return nil }
    return try rewriter.scattered(site.operands[1], onto: { _ in site.operands[0] }) {
      try $0.emit(Negate(), $1)
    }
  },
  Rule("scatter_add(0, i, y) * c = scatter_add(0, i, y * c)", at: Multiply.self, is: .rounding) {
    rewriter, _, site in
    let factor = site.operands[1]
    guard rewriter.type(of: factor).shape.isEmpty, let number = rewriter.scalar(factor)?.double,
      number.isFinite
    else { return nil }
    return try rewriter.scattered(site.operands[0], onto: { $0 }) {
      try $0.emit(Multiply(), $1, factor)
    }
  },
]

extension Slice {
  func isWhole(_ shape: [Dim]) -> Bool {
    sizes == shape && starts.allSatisfy { $0 == 0 } && steps.allSatisfy { $0 == 1 }
  }

  /// The lowest and the highest position along an axis; of an empty slice where they would be.
  func range(_ axis: Int) -> (low: Dim, high: Dim) {
    let last = starts[axis] + (sizes[axis] - 1) * Dim(steps[axis])
    return steps[axis] > 0 ? (starts[axis], last) : (last, starts[axis])
  }
}

extension Dim {
  fileprivate var isKnownNonNegative: Bool { constant.map { $0 >= 0 } ?? isSurelyNonNegative }
}

extension Rewriter {
  /// A sum into zeros, or into such a sum, with another base and other rows; nil for anything else.
  fileprivate mutating func scattered(
    _ sum: ValueID, onto base: (ValueID) -> ValueID,
    _ rows: (inout Rewriter, ValueID) throws -> ValueID
  ) throws -> ValueID? {
    var sums: [(op: ScatterAdd, operands: [ValueID])] = []
    var value = sum
    while let found = find(ScatterAdd.self, value) {
      sums.append(found)
      value = found.operands[0]
    }
    guard !sums.isEmpty, scalar(value)?.double == 0 else { return nil }
    var result = base(value)
    for (op, operands) in sums.reversed() {
      let own = try rows(&self, operands[2])
      result = try emit(op, result, operands[1], own)
    }
    return result
  }

  /// The parts of a sum of paddings with zeros, one after the other, if they fill an axis.
  fileprivate mutating func joinedPaddings(_ site: Rule.Site) throws -> ValueID? {
    var parts: [(start: Int, size: Int, value: ValueID)] = []
    var axis: Int?
    var pending = site.operands
    while let value = pending.popLast() {
      guard type(of: value) == site.type else { return nil }
      if let (_, operands) = find(Add.self, value) {
        pending += operands
        continue
      }
      guard let (pad, x) = find(Pad.self, value), pad.value.bits == 0,
        pad.steps.allSatisfy({ $0 == 1 })
      else { return nil }
      let shape = type(of: x[0]).shape
      let padded = shape.indices.filter { shape[$0] != site.type.shape[$0] }
      guard padded.count == 1, axis == nil || axis == padded[0],
        let start = pad.starts[padded[0]].constant, let size = shape[padded[0]].constant
      else { return nil }
      axis = padded[0]
      parts.append((start, size, x[0]))
    }
    guard let axis, let whole = site.type.shape[axis].constant else { return nil }
    parts.sort { $0.start < $1.start }
    var end = 0
    for part in parts {
      guard part.start == end else { return nil }
      end += part.size
    }
    guard end == whole else { return nil }
    return try emitUnconditional(Concatenate(axis: axis), parts.map(\.value))
  }

  /// Emits an op if its type rule accepts the operands without any requirement on sizes: a rewrite
  /// must not ask more of the caller than the program did.
  mutating func emitUnconditional(_ op: any Op, _ operands: [ValueID]) throws -> ValueID? {
    var context = TypeContext(operands: operands.map { type(of: $0) })
    guard (try? op.resultTypes(&context)) != nil, context.requirements.isEmpty else { return nil }
    return try emit(op, operands)
  }
}
