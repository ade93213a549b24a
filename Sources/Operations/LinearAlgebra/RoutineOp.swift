package import GnomonIR
package import GnomonTensors

/// An op that a routine of the runtime computes for one matrix after the other: its last axes are the
/// matrix, those before them the batch, which all operands have.
package protocol RoutineOp: Op {
  /// How many of the last axes of each operand belong to one matrix.
  var operandRanks: [Int] { get }
  /// The types of the results for one matrix, from those of the operands without the batch.
  func resultTypes(ofOne operands: [TensorType]) -> [TensorType]
  func routine(_ operands: [TensorType], _ results: [TensorType]) -> Routine
  /// What becomes of one matrix: the shortest honest code, on doubles.
  func reference(_ x: [DenseMatrix], _ shapes: [[Int]]) -> [DenseMatrix]
  /// What else the type rule asks of the operands without their batch.
  func check(_ operands: [TensorType], _ context: inout TypeContext) throws(Refusal)
}

extension RoutineOp {
  /// The constraints that every such op has; its own come behind.
  package static var commonConstraints: [String] {
    [
      "the operands are float32 or float64, all the same; a permutation is int64",
      "each operand has the axes of a matrix, and before them the same batch",
    ]
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let dtype = context[0].dtype
    guard dtype == .float32 || dtype == .float64 else {
      throw Refusal(
        .dtypeNotSupported, "\(dtype) is not supported; the elements are float32 or float64",
        constraint: "C1", marks: [Refusal.Mark(0)], help: "cast it: {0}.cast(to: .float32)")
    }
    let batch = Array(context[0].shape.dropLast(operandRanks[0]))
    var own: [TensorType] = []
    for (i, rank) in operandRanks.enumerated() {
      let type = context[i]
      guard type.rank >= rank else {
        throw Refusal(
          .rankMismatch, "the rank \(type.rank) is less than \(rank)", constraint: "C2",
          marks: [Refusal.Mark(i)],
          help: rank == 2 ? "a matrix, or a batch of them: [..., m, n]" : nil)
      }
      if type.dtype != dtype, type.dtype.isFloat {
        throw Refusal(
          .dtypeMismatch, "the operands have different dtypes: \(dtype) and \(type.dtype)",
          constraint: "C1", marks: [Refusal.Mark(0), Refusal.Mark(i)],
          help: "cast one of them: {\(i)}.cast(to: .\(dtype))")
      }
      let others = type.shape.dropLast(rank)
      var agrees = others.count == batch.count
      for (a, b) in zip(batch, others) where agrees { agrees = context.agree(a, b) }
      guard agrees else {
        throw Refusal(
          .shapeMismatch, "the batches differ: \(batch) and \(Array(others))", constraint: "C2",
          marks: [Refusal.Mark(0), Refusal.Mark(i)])
      }
      own.append(TensorType(type.dtype, Array(type.shape.suffix(rank))))
    }
    try check(own, &context)
    return resultTypes(ofOne: own).map { TensorType($0.dtype, batch + $0.shape) }
  }

  package func check(_ operands: [TensorType], _ context: inout TypeContext) throws(Refusal) {}

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .routine(routine(operands, results))
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shapes = try context.resultTypes.indices.map { try context.shape($0) }
    let batchRank = operands[0].rank - operandRanks[0]
    let count = operands[0].shape.prefix(batchRank).reduce(1, *)
    let own = shapes.map { Array($0.dropFirst(batchRank)) }
    let values = operands.map(\.doubles)
    var out = shapes.map { _ in [Double]() }
    for i in 0..<count {
      let x = zip(operands, values).map { tensor, all -> DenseMatrix in
        let shape = Array(tensor.shape.dropFirst(batchRank))
        let n = shape.reduce(1, *)
        return DenseMatrix(shape, Array(all[(i * n)..<((i + 1) * n)]))
      }
      for (r, y) in reference(x, own).enumerated() { out[r] += y.values }
    }
    return zip(zip(context.resultTypes, shapes), out).map {
      Tensor(dtype: $0.0.dtype, shape: $0.1, doubles: $1)
    }
  }

  /// Refuses a matrix that is not square.
  func squareOnly(
    _ type: TensorType, _ operand: Int, _ label: String, _ context: inout TypeContext
  ) throws(Refusal) {
    guard context.agree(type.shape[0], type.shape[1]) else {
      let rank = context[operand].rank
      throw Refusal(
        .shapeMismatch, "the matrix is not square: \(type.shape[0]) by \(type.shape[1])",
        constraint: label, marks: [Refusal.Mark(operand, [rank - 2, rank - 1])])
    }
  }

  /// Refuses sizes that differ.
  func sameSize(
    _ a: (operand: Int, axis: Int), _ b: (operand: Int, axis: Int), _ label: String,
    _ context: inout TypeContext
  ) throws(Refusal) {
    func size(_ place: (operand: Int, axis: Int)) -> (Dim, Int) {
      let axis = context[place.operand].rank - operandRanks[place.operand] + place.axis
      return (context[place.operand].shape[axis], axis)
    }
    let ((x, i), (y, j)) = (size(a), size(b))
    guard context.agree(x, y) else {
      throw Refusal(
        .shapeMismatch, "the sizes \(x) and \(y) differ", constraint: label,
        marks: [Refusal.Mark(a.operand, [i]), Refusal.Mark(b.operand, [j])])
    }
  }
}

extension [TensorType] {
  /// The sizes of the matrix of an operand.
  func matrix(_ i: Int) -> (rows: Dim, columns: Dim) {
    let shape = self[i].shape
    return (shape[shape.count - 2], shape[shape.count - 1])
  }
}
