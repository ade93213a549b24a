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
  func order(_ terms: [[Character]]) -> [(Int, Int)] {
    let letters = Set(terms.joined()).union(result).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: letters.enumerated().map { ($1, $0) })
    let order = ContractionOrder(
      terms: terms.map { $0.map { numbers[$0]! } }, result: result.map { numbers[$0]! },
      sizes: letters.map { sizes[$0] ?? 1 })
    return order.cheapest()
  }
}
