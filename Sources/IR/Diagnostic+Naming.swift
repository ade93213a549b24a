extension String {
  /// The text of a refusal with `{0}`, `{1}` … replaced by the operands' names, so that help can be
  /// pasted: "transpose it: matmul({0}, {1}.transposed())".
  ///
  /// A value without a name that Swift would accept is called by its place: `left`, `right`, `x3`.
  package func naming(_ operands: [Expr]) -> String {
    guard contains("{") else { return self }
    var result = self
    for (i, operand) in operands.enumerated() {
      let name = operand.name ?? ""
      let place = operands.count == 1 ? "x" : operands.count == 2 ? ["left", "right"][i] : "x\(i + 1)"
      result = result.replacing("{\(i)}", with: name.isIdentifier ? name : place)
    }
    return result
  }

  private var isIdentifier: Bool {
    guard let first = unicodeScalars.first else { return false }
    return (first == "_" || first.properties.isXIDStart)
      && unicodeScalars.dropFirst().allSatisfy(\.properties.isXIDContinue)
  }
}
