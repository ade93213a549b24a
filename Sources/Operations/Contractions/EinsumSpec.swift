internal import GnomonIR
internal import GnomonTensors

/// A parsed einsum specification that fits its operands.
struct EinsumSpec {
  private(set) var operands: [[Character]]
  private(set) var result: [Character]
  private var sizes: [Character: Dim] = [:]

  init(_ text: String, _ types: [TensorType]) throws(Refusal) {
    func malformed(_ message: String, _ marks: [Refusal.Mark] = [], help: String? = nil) -> Refusal
    {
      Refusal(.einsumMalformed, "\"\(text)\": \(message)", marks: marks, help: help)
    }
    let letters = text.filter { !$0.isWhitespace }
    var halves: [Substring] = [letters[...]]
    if let arrow = letters.firstRange(of: "->") {
      halves = [letters[..<arrow.lowerBound], letters[arrow.upperBound...]]
    }
    operands = halves[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    for c in operands.joined() + (halves.count > 1 ? Array(halves[1]) : [])
    where !(c.isLetter && c.isASCII) {
      throw malformed(
        "`\(c)` is not a letter",
        help: c == "." ? "an ellipsis is not supported: give each batch axis a letter" : nil)
    }
    guard operands.count == types.count else {
      throw malformed("it names \(operands.count) operands, but \(types.count) are given")
    }
    for (i, labels) in operands.enumerated() where labels.count != types[i].rank {
      throw malformed(
        "operand \(i + 1) has \(labels.count) letters, `\(String(labels))`, but rank \(types[i].rank)",
        [Refusal.Mark(i)])
    }
    for (i, type) in types.enumerated() where type.dtype != types[0].dtype {
      throw Refusal(
        .dtypeMismatch, "the operands have the dtypes \(types[0].dtype) and \(type.dtype)",
        marks: [Refusal.Mark(0), Refusal.Mark(i)],
        help: "cast one: {\(i)}.cast(to: .\(types[0].dtype))")
    }
    if let first = types.first, first.dtype == .bool {
      throw Refusal(
        .dtypeNotSupported, "not defined for bool; it needs a numeric dtype",
        help: "cast it first: {0}.cast(to: .float32)")
    }
    var counts: [Character: Int] = [:]
    for c in operands.joined() { counts[c, default: 0] += 1 }
    if halves.count > 1 {
      result = Array(halves[1])
      if let c = result.first(where: { counts[$0] == nil }) {
        throw malformed("the result's letter `\(c)` occurs in no operand")
      }
      if let c = result.first(where: { c in result.count { $0 == c } > 1 }) {
        throw malformed("the result's letter `\(c)` is given twice")
      }
    } else {
      result = counts.filter { $0.value == 1 }.keys.sorted()
    }
    try findSizes(types)
  }

  private mutating func findSizes(_ types: [TensorType]) throws(Refusal) {
    var context = TypeContext(operands: types)
    var places: [Character: Refusal.Mark] = [:]
    for (i, labels) in operands.enumerated() {
      for (axis, c) in labels.enumerated() {
        let size = types[i].shape[axis]
        if let known = sizes[c], let place = places[c], !context.agree(known, size) {
          let marks =
            place.operand == i
            ? [Refusal.Mark(i, place.axes + [axis])] : [place, Refusal.Mark(i, [axis])]
          throw Refusal(
            .innerDimensionsDiffer, "the sizes of `\(c)` differ: \(known) and \(size)",
            marks: marks, help: "axes with the same letter have the same size")
        }
        if sizes[c] == nil {
          sizes[c] = size
          places[c] = Refusal.Mark(i, [axis])
        }
      }
    }
  }

  /// Which two terms to contract at each step, the smaller number first; the product goes to the end.
  ///
  /// Up to ten operands: the best of all orders, by the best order of each subset. More are taken
  /// greedily, the cheapest pair first.
  func order(_ terms: [[Character]]) -> [(Int, Int)] {
    let letters = Array(Set(terms.joined()).union(result)).sorted()
    let bit = Dictionary(uniqueKeysWithValues: letters.enumerated().map { ($1, UInt64(1) << $0) })
    let extent = letters.map { c -> Double in
      guard let size = sizes[c] else { return 1 }
      let names = Dictionary(uniqueKeysWithValues: size.names.map { ($0, 64) })
      return Double(Swift.max(size.evaluated(names: names) ?? 64, 1))
    }
    func mask(_ labels: [Character]) -> UInt64 { labels.reduce(0) { $0 | (bit[$1] ?? 0) } }
    func cost(_ labels: UInt64) -> Double {
      letters.indices.reduce(1) { labels >> UInt64($1) & 1 == 1 ? $0 * extent[$1] : $0 }
    }
    let own = terms.map(mask)
    let kept = mask(result)
    if terms.count <= 10 { return bestOrder(own, kept, cost) }
    var open = own
    var steps: [(Int, Int)] = []
    while open.count > 1 {
      var best = (0, 1)
      var bestCost = Double.infinity
      for j in open.indices {
        for i in 0..<j where cost(open[i] | open[j]) < bestCost {
          bestCost = cost(open[i] | open[j])
          best = (i, j)
        }
      }
      let both = open[best.0] | open[best.1]
      open.remove(at: best.1)
      open.remove(at: best.0)
      open.append(both & open.reduce(kept, |))
      steps.append(best)
    }
    return steps
  }

  private func bestOrder(
    _ own: [UInt64], _ kept: UInt64, _ cost: (UInt64) -> Double
  ) -> [(Int, Int)] {
    let n = own.count
    guard n > 1 else { return [] }
    let all = (1 << n) - 1
    // What a subset's product still carries: letters that the rest or the result needs.
    let carried = (0...all).map { set in
      var inside: UInt64 = 0
      var outside = kept
      for i in 0..<n {
        if set >> i & 1 == 1 { inside |= own[i] } else { outside |= own[i] }
      }
      return inside & outside
    }
    var best = [(cost: Double, left: Int)](repeating: (.infinity, 0), count: all + 1)
    for i in 0..<n { best[1 << i] = (0, 0) }
    for set in 1...all where set & (set - 1) != 0 {
      var left = (set - 1) & set
      while left > 0 {
        let right = set ^ left
        // Each split once: the lowest operand is on the left.
        if left & (set & -set) != 0 {
          let total = best[left].cost + best[right].cost + cost(carried[left] | carried[right])
          if total < best[set].cost { best[set] = (total, left) }
        }
        left = (left - 1) & set
      }
    }
    // The tree of splits as steps over a list whose products go to the end.
    var slots = (0..<n).map { 1 << $0 }
    var steps: [(Int, Int)] = []
    func perform(_ set: Int) {
      guard set & (set - 1) != 0 else { return }
      perform(best[set].left)
      perform(set ^ best[set].left)
      guard let a = slots.firstIndex(of: best[set].left),
        let b = slots.firstIndex(of: set ^ best[set].left)
      else { return }
      let (i, j) = (Swift.min(a, b), Swift.max(a, b))
      slots.remove(at: j)
      slots.remove(at: i)
      slots.append(set)
      steps.append((i, j))
    }
    perform(all)
    return steps
  }
}
