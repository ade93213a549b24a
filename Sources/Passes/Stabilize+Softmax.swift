internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

// Sums of exponentials, with the largest exponent taken out: m + log(sum(exp(x - m))). Only where
// the reduced axes are known not to be empty: the largest of nothing does not exist, while
// log(sum(exp(x))) of nothing is -inf.
let softmaxRules: [Rule] = [
  Rule("log(sum(exp(x))) = m + log(sum(exp(x - m)))", at: Log.self, is: .stabilizing) {
    rewriter, _, site in
    guard let (sum, e) = rewriter.find(Sum.self, site.operands[0]),
      let (_, x) = rewriter.find(Exp.self, e[0]),
      let shift = try rewriter.shift(x[0], sum.axes)
    else { return nil }
    let total = try rewriter.emit(Sum(axes: sum.axes), rewriter.emit(Exp(), shift.shifted))
    return try rewriter.emit(Add(), shift.largest, rewriter.emit(Log(), total))
  },
  Rule("exp(x) / sum(exp(x)) = exp(x - m) / sum(exp(x - m))", at: Divide.self, is: .stabilizing) {
    rewriter, _, site in
    let numerator = site.operands[0]
    var divisor = site.operands[1]
    while let view = rewriter.definition(of: divisor), view.isConstantView {
      divisor = view.operands[0]
    }
    guard let (_, x) = rewriter.find(Exp.self, numerator),
      let (sum, e) = rewriter.find(Sum.self, divisor), e[0] == numerator,
      rewriter.type(of: site.operands[1]).shape.drop(while: { $0 == 1 })
        == rewriter.keptShape(of: numerator, sum.axes).drop(while: { $0 == 1 }),
      let shift = try rewriter.shift(x[0], sum.axes)
    else { return nil }
    let top = try rewriter.emit(Exp(), shift.shifted)
    let total = try rewriter.emit(Sum(axes: sum.axes), top)
    let bottom = try rewriter.reshape(total, rewriter.keptShape(of: top, sum.axes))
    return try rewriter.emit(Divide(), top, bottom)
  },
  Rule("log(exp(x) / y) = x - log(y)", at: Log.self, is: .stabilizing) { rewriter, _, site in
    guard let (_, quotient) = rewriter.find(Divide.self, site.operands[0]),
      let (_, x) = rewriter.find(Exp.self, quotient[0])
    else { return nil }
    return try rewriter.fit(
      try rewriter.emit(Subtract(), x[0], rewriter.emit(Log(), quotient[1])), site.type)
  },
  // What the derivative of log(exp(x) / s) leaves. The quotient q is positive, but may have become 0.
  Rule("(a / q) * (q / b) = a / b, q = exp(x) / s", at: Multiply.self, is: .stabilizing) {
    rewriter, _, site in
    for (left, right) in [(0, 1), (1, 0)] {
      guard let (_, second) = rewriter.find(Divide.self, site.operands[right]),
        rewriter.isExponentialQuotient(second[0])
      else { continue }
      let negated = rewriter.find(Negate.self, site.operands[left])
      guard
        let (_, first) = rewriter.find(Divide.self, negated?.operands[0] ?? site.operands[left]),
        first[1] == second[0]
      else { continue }
      let quotient = try rewriter.emit(Divide(), first[0], second[1])
      let result = negated == nil ? quotient : try rewriter.emit(Negate(), quotient)
      return try rewriter.fit(result, site.type)
    }
    return nil
  },
  Rule("(a / (e / s) / s + d) * e = a + d * e, e = exp(x)", at: Multiply.self, is: .stabilizing) {
    rewriter, _, site in
    for (left, right) in [(0, 1), (1, 0)] {
      let e = site.operands[right]
      guard rewriter.find(Exp.self, e) != nil,
        let (_, terms) = rewriter.find(Add.self, site.operands[left])
      else { continue }
      for (i, j) in [(0, 1), (1, 0)] {
        guard let a = rewriter.twiceDivided(terms[i], by: e) else { continue }
        let rest = try rewriter.emit(Multiply(), terms[j], e)
        return try rewriter.fit(try rewriter.emit(Add(), a, rest), site.type)
      }
    }
    return nil
  },
  Rule("(a / (e / s) / s) * e = a, e = exp(x)", at: Multiply.self, is: .stabilizing) {
    rewriter, _, site in
    for (left, right) in [(0, 1), (1, 0)] {
      let e = site.operands[right]
      guard rewriter.find(Exp.self, e) != nil,
        let a = rewriter.twiceDivided(site.operands[left], by: e)
      else { continue }
      return try rewriter.fit(a, site.type)
    }
    return nil
  },
  // Beside the term above in the same derivative: e and s overflow together, e / s does not.
  Rule(
    "sum(a / s) * e = sum(a) * (e / s), s = sum(e), e = exp(x)", at: Multiply.self, is: .stabilizing
  ) {
    rewriter, _, site in
    for (left, right) in [(0, 1), (1, 0)] {
      let e = site.operands[right]
      guard rewriter.find(Exp.self, e) != nil,
        let (sum, terms) = rewriter.find(Sum.self, rewriter.unreshaped(site.operands[left]))
      else { continue }
      let negated = rewriter.find(Negate.self, terms[0])
      let quotient = negated?.operands[0] ?? terms[0]
      guard let (_, parts) = rewriter.find(Divide.self, quotient),
        rewriter.isSum(parts[1], of: e),
        rewriter.isConstant(parts[1], along: sum.axes, of: quotient)
      else { continue }
      var a = try rewriter.fit(parts[0], rewriter.type(of: quotient))
      if negated != nil { a = try rewriter.emit(Negate(), a) }
      let total = try rewriter.reshape(
        rewriter.emit(Sum(axes: sum.axes), a), rewriter.type(of: site.operands[left]).shape)
      let share = try rewriter.emit(Divide(), e, parts[1])
      return try rewriter.fit(try rewriter.emit(Multiply(), total, share), site.type)
    }
    return nil
  },
]

extension Rewriter {
  fileprivate func isExponentialQuotient(_ value: ValueID) -> Bool {
    guard let (_, operands) = find(Divide.self, value) else { return false }
    return find(Exp.self, operands[0]) != nil
  }

  /// `a` where `value` is `a / (e / s) / s`.
  fileprivate func twiceDivided(_ value: ValueID, by e: ValueID) -> ValueID? {
    guard let (_, outer) = find(Divide.self, value), let (_, inner) = find(Divide.self, outer[0]),
      isQuotient(inner[1], of: e, by: outer[1])
    else { return nil }
    return inner[0]
  }

  /// Whether `q` is `e / s`, or what became of it: `exp(x - m) / sum(exp(x - m))` for
  /// `exp(x) / sum(exp(x))`.
  private func isQuotient(_ q: ValueID, of e: ValueID, by s: ValueID) -> Bool {
    guard let (_, parts) = find(Divide.self, q) else { return false }
    if parts[0] == e && parts[1] == s { return true }
    guard let (_, x) = find(Exp.self, e), let (_, shifted) = find(Exp.self, parts[0]),
      let (_, difference) = find(Subtract.self, shifted[0]), difference[0] == x[0],
      let (sum, summed) = find(Sum.self, unviewed(s)), summed[0] == e,
      let (other, others) = find(Sum.self, unviewed(parts[1])), others[0] == parts[0]
    else { return false }
    return sum.axes == other.axes && isConstant(difference[1], along: sum.axes, of: x[0])
  }

  /// Whether `s` is a sum of `e`, under whatever shape.
  fileprivate func isSum(_ s: ValueID, of e: ValueID) -> Bool {
    find(Sum.self, unviewed(s)).map { $0.operands[0] == e } ?? false
  }

  /// Whether `value`, broadcast to `whole`, is the same along these axes of it.
  func isConstant(_ value: ValueID, along axes: [Int], of whole: ValueID) -> Bool {
    let shape = type(of: value).shape
    let missing = type(of: whole).shape.count - shape.count
    return axes.allSatisfy { $0 < missing || shape[$0 - missing] == 1 }
  }

  /// What `value` shows: the operand of reshapes and broadcasts.
  func unviewed(_ value: ValueID) -> ValueID {
    var value = value
    while let view = definition(of: value), view.isConstantView { value = view.operands[0] }
    return value
  }

  fileprivate func unreshaped(_ value: ValueID) -> ValueID {
    var value = value
    while let (_, operands) = find(Reshape.self, value) { value = operands[0] }
    return value
  }

  /// The shape of `value` with 1 in place of `axes`.
  fileprivate func keptShape(of value: ValueID, _ axes: [Int]) -> [Dim] {
    let shape = type(of: value).shape
    return shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
  }

  /// The largest element along `axes`, 0 where it is infinite, and `x` less it; nil where that has
  /// been done or the axes may be empty.
  fileprivate mutating func shift(
    _ x: ValueID, _ axes: [Int]
  ) throws -> (largest: ValueID, shifted: ValueID)? {
    let shape = type(of: x).shape
    guard axes.allSatisfy({ shape[$0].constant.map { $0 >= 1 } == true }), !isShifted(x) else {
      return nil
    }
    let dtype = type(of: x).dtype
    let largest = try emit(Max(axes: axes), x)
    // inf - inf is NaN; with nothing taken out, infinite sums are right.
    let isFinite = try emit(Less(), emit(Absolute(), largest), number(.infinity, dtype))
    let m = try emit(Select(), isFinite, largest, number(0, dtype))
    let kept = try reshape(m, keptShape(of: x, axes))
    return (m, try emit(Subtract(), x, kept))
  }

  /// Whether a largest element has been subtracted already.
  private func isShifted(_ x: ValueID) -> Bool {
    guard let (_, operands) = find(Subtract.self, x) else { return false }
    var m = operands[1]
    while let instruction = definition(of: m) {
      if instruction.op is Max { return true }
      if instruction.op is Select {
        m = instruction.operands[1]
      } else {
        guard instruction.isConstantView || instruction.op.facts.isIdentity else { return false }
        m = instruction.operands[0]
      }
    }
    return false
  }
}
