package import GnomonIR
package import GnomonTensors

extension Graph {
  /// The expressions that a graph computes, in terms of new inputs and of given variables: the way back from
  /// text to what can be called, differentiated and compiled again.
  ///
  /// - Parameter variable: the expression for a variable's name and type.
  package func expressions(
    variable: (String, TensorType) throws -> Expr
  ) throws -> (inputs: [Expr], results: [Expr], updates: [(variable: Expr, becomes: Expr)]) {
    var values = [Expr?](repeating: nil, count: self.values.count)
    var inputs: [Expr] = []
    for p in parameters {
      let name = self.values[p.index].name ?? "input"
      let type = type(of: p)
      if variables.contains(p) {
        values[p.index] = try variable(name, type)
      } else {
        let input: Expr =
          name == Expr.training.name && type == Expr.training.type
          ? .training : ._input(name, type.dtype, type.shape, .unknown)
        values[p.index] = input
        inputs.append(input)
      }
    }
    try addInstructions(to: &values)
    return (
      inputs, results.map { values[$0.index]! },
      updates.map { (values[$0.variable.index]!, values[$0.becomes.index]!) }
    )
  }

  /// Gives every result of the instructions its expression.
  private func addInstructions(to values: inout [Expr?]) throws {
    for instruction in instructions {
      let operands = instruction.operands.map { values[$0.index]! }
      // The sides of a branch capture only, and name outer values themselves; a loop's region has
      // parameters of its own.
      let bodies = try instruction.regions.map { region in
        let isBranch = instruction.op is Branch
        let parameters = region.parameters.enumerated().map { i, p in
          isBranch
            ? operands[i + 1]
            : Expr(
              node: Node(
                .parameter(Parameter(.region, name: region.values[p.index].name ?? "value")),
                types: [region.type(of: p)], location: .unknown))
        }
        var inner = [Expr?](repeating: nil, count: region.values.count)
        for (p, e) in zip(region.parameters, parameters) { inner[p.index] = e }
        try region.addInstructions(to: &inner)
        return Body(parameters: parameters, results: region.results.map { inner[$0.index]! })
      }
      let results = Expr.apply(
        instruction.op, operands, regions: bodies, at: location(of: instruction))
      guard results.count == instruction.results.count else {
        throw GnomonError(Expr.diagnostics(of: results))
      }
      for (r, e) in zip(instruction.results, results) { values[r.index] = e }
    }
  }
}
