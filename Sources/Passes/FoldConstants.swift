package import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Computes what depends on constants only, by the reference meaning of the op.
///
///     %1 = constant 2 : f32[]
///     %2 = constant 3 : f32[]
///     %3 = multiply %1, %2 : f32[]
///     %4 = add %0, %3 : f32[4]
/// ->
///     %1 = constant 6 : f32[]
///     %2 = add %0, %1 : f32[4]
///
/// Results of at most 64 elements, or no larger than the constant arrays they come from, are folded;
/// larger ones (an `iota` of a million) are cheaper to compute than to keep. An array of equal
/// elements becomes a broadcast scalar. Ops that may fail stay, to fail when run.
package let foldConstants = Pass.everywhere(
  "fold-constants", "Compute what depends on constants only."
) { graph in
  // The known contents of values, by the new numbering.
  var known: [ValueID: Tensor] = [:]
  // Those that are kept as arrays anyway.
  var stored: Set<ValueID> = []
  return try graph.rebuilt { builder, instruction, i in
    let types = graph.instructions[i].results.map { graph.type(of: $0) }
    guard instruction.regions.isEmpty, types.count == 1,
      let tensor = foldedValue(instruction, type: types[0], known)
    else { return nil }
    let isStored = instruction.op is DenseConstant && tensor.uniformBits == nil
    let fromArrays = instruction.operands.filter(stored.contains)
      .reduce(0) { $0 + (known[$1]?.elementCount ?? 0) }
    if instruction.op is Constant || isStored || instruction.op is Broadcast
      || (instruction.operands.isEmpty && !(instruction.op is DenseConstant))
      || (instruction.op is Reshape && fromArrays == 0)
      || tensor.elementCount > Swift.max(64, fromArrays)
    {
      let results = builder.append(
        instruction.op, instruction.operands, types: types,
        names: graph.instructions[i].results.map { graph.values[$0.index].name })
      known[results[0]] = tensor
      if isStored { stored.insert(results[0]) }
      return results
    }
    let folded = try builder.constant(tensor)
    known[folded] = tensor
    if tensor.uniformBits == nil { stored.insert(folded) }
    return [folded]
  }
}

/// Nothing with more elements is looked at, so that compiling does not compute.
private let largestConstant = 4096

private func foldedValue(
  _ instruction: Graph.Instruction, type: TensorType, _ known: [ValueID: Tensor]
) -> Tensor? {
  let facts = instruction.op.facts
  guard !facts.canFail, type.elementCount.constant.map({ $0 <= largestConstant }) == true else {
    return nil
  }
  var operands: [Tensor] = []
  for o in instruction.operands {
    guard let tensor = known[o] else { return nil }
    operands.append(tensor)
  }
  let context = ReferenceContext(
    sizes: [:], resultTypes: [type], run: { _, _ in throw InternalError("no region") })
  // An op that needs sizes known only at entry refuses here and stays.
  guard let results = try? instruction.op.reference(operands, context) else { return nil }
  return results[0]
}

extension GraphBuilder {
  /// A constant with these elements: a scalar, a broadcast scalar or an array.
  mutating func constant(_ tensor: Tensor) throws -> ValueID {
    guard let bits = tensor.uniformBits else { return try make(DenseConstant(tensor)) }
    let scalar = try make(Constant(ScalarValue(tensor.dtype, bits: bits)))
    if tensor.rank == 0 { return scalar }
    return try make(Broadcast(shape: tensor.shape.map { Dim($0) }), scalar)
  }
}

extension Tensor {
  /// The bits that all elements have, if there is an element and all are the same.
  var uniformBits: UInt64? {
    guard elementCount > 0 else { return nil }
    let size = dtype.byteCount
    let same = withUnsafeBytes { bytes in
      (size..<Swift.max(size, bytes.count)).allSatisfy { bytes[$0] == bytes[$0 - size] }
    }
    guard same else { return nil }
    return bits(at: 0)
  }

  /// The bits of one element, in the form `bits` has.
  private func bits(at i: Int) -> UInt64 {
    let size = dtype.byteCount
    let one = withUnsafeBytes { bytes in Array(bytes[(i * size)..<((i + 1) * size)]) }
    var single = Tensor(uninitialized: dtype, [])
    single.withUnsafeMutableBytes { to in for (k, b) in one.enumerated() { to[k] = b } }
    return single.bits[0]
  }
}

extension Graph.Instruction {
  /// Whether it only shows its operand under another shape.
  var isConstantView: Bool { op is Broadcast || op is Reshape }
}
