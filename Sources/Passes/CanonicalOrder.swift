package import GnomonIR

/// Puts the operands of commutative ops into one order: earlier values first, constants last.
///
///     %2 = constant 2 : f32[]
///     %3 = multiply %2, %1 : f32[4]
///     %4 = add %3, %0 : f32[4]
/// ->
///     %2 = constant 2 : f32[]
///     %3 = multiply %1, %2 : f32[4]
///     %4 = add %0, %3 : f32[4]
///
/// Equal expressions become the same text, and rules look for constants on the right only.
package let canonicalOrder = Pass.everywhere(
  "canonical-order", "Order the operands of commutative operations; constants go right."
) { graph in
  let definitions = graph.definitions()
  let isConstant = graph.values.indices.map { v -> Bool in
    var at = definitions[v]
    // Through views, as rules look at constants.
    while let i = at {
      let instruction = graph.instructions[i]
      if instruction.op is Constant || instruction.op is DenseConstant { return true }
      guard instruction.isConstantView else { return false }
      at = definitions[instruction.operands[0].index]
    }
    return false
  }
  var result = graph
  for i in result.instructions.indices {
    let instruction = result.instructions[i]
    guard instruction.op.facts.isCommutative, instruction.operands.count == 2 else { continue }
    let (a, b) = (instruction.operands[0], instruction.operands[1])
    let (ca, cb) = (isConstant[a.index], isConstant[b.index])
    if ca != cb ? ca : a.raw > b.raw { result.instructions[i].operands = [b, a] }
  }
  return result
}
