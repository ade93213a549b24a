extension String {
  /// The text of a refusal with `{0}`, `{1}` … replaced by the operands' names, so that help can be
  /// pasted: "transpose it: matmul({0}, {1}.transposed())".
  ///
  /// A value without a name that Swift would accept is called by its place: `left`, `right`, `x3`.
  package func naming(_ operands: [Expr]) -> String {
    let count = operands.count
    return naming(
      operands.enumerated().map { i, operand in
        let name = operand.name ?? ""
        let place = count == 1 ? "x" : count == 2 ? ["left", "right"][i] : "x\(i + 1)"
        return name.isIdentifier ? name : place
      })
  }

  /// The text with `{0}`, `{1}` … replaced by these names.
  func naming(_ names: [String]) -> String {
    guard contains("{") else { return self }
    var result = self
    for (i, name) in names.enumerated() { result = result.replacing("{\(i)}", with: name) }
    return result
  }

  private var isIdentifier: Bool {
    guard let first = unicodeScalars.first else { return false }
    return (first == "_" || first.properties.isXIDStart)
      && unicodeScalars.dropFirst().allSatisfy(\.properties.isXIDContinue)
  }
}
