/// The text of `IR/operations.md`: every op with its constraints, facts and an example.
///
/// - Parameters:
///   - accuracy: what is known of the errors of the op with this mnemonic, in a sentence.
///   - sample: an example of the op with this mnemonic, and the line that prints it.
package func operationsPage(
  _ operations: [any Op.Type], accuracy: (String) -> String?,
  sample: (String) throws -> (instruction: Graph.Instruction, line: String)
) throws -> String {
  var index = ""
  var sections = ""
  for type in operations {
    let (instruction, line) = try sample(type.mnemonic)
    let op = instruction.op
    let attributes = try op.attributes().map { "`\($0.key)`" }.joined(separator: ", ")
    index +=
      "| [`\(type.mnemonic)`](#\(type.mnemonic)) | \(words(type.arity)) | \(attributes)"
      + " | \(type.summary) |\n"
    sections += """

      ## \(type.mnemonic)

      \(type.summary)

          \(line)

      """
    let facts = words(op.facts)
    if !facts.isEmpty { sections += "\nFacts: \(facts.joined(separator: ", ")).\n" }
    if let accuracy = accuracy(type.mnemonic) { sections += "\n\(accuracy)\n" }
    if type.regionCount > 0 { sections += "\nRegions: \(type.regionCount).\n" }
    if !type.constraints.isEmpty { sections += "\n" }
    for (i, constraint) in type.constraints.enumerated() {
      sections += "- C\(i + 1): \(constraint)\n"
    }
  }
  return """
    # The operations

    Generated from the op table; `BLESS=1 swift test --filter OperationsPage` writes it anew.
    [README.md](README.md) specifies the language. Errors cite the constraints: `add C1`.

    | operation | operands | attributes | meaning |
    | --- | --- | --- | --- |
    \(index)\(sections)
    """
}

private func words(_ arity: ClosedRange<Int>) -> String {
  if arity.lowerBound == arity.upperBound { return "\(arity.lowerBound)" }
  return arity.upperBound == Int.max
    ? "\(arity.lowerBound) or more" : "\(arity.lowerBound) to \(arity.upperBound)"
}

private func words(_ facts: Facts) -> [String] {
  [
    (facts.isCommutative, "commutative"), (facts.isElementwise, "elementwise"),
    (facts.isIdempotent, "idempotent"), (facts.canFail, "can fail when run"),
    (facts.isFree, "free of cost"), (facts.isCheap, "cheap to repeat"),
    (facts.isIdentity, "an identity that passes keep"),
  ].filter(\.0).map(\.1)
}
