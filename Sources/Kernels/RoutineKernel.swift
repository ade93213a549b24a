internal import GnomonIR
internal import GnomonTensors

extension Kernel {
  /// A routine of the runtime for each matrix of a batch: workers own matrices, so that the bits of one
  /// do not depend on how many workers there are.
  static func routine(_ routine: Routine, _ operands: [TensorType], _ results: [TensorType])
    -> Kernel
  {
    let ranks = routine.operandRanks + routine.resultRanks
    let types = operands + results
    func matrices(_ i: Int) -> Statement.RoutineCall.Matrices {
      .init(buffer: i, elements: types[i].shape.suffix(ranks[i]).reduce(Dim(1), *))
    }
    let count = types[0].shape.dropLast(ranks[0]).reduce(Dim(1), *)
    let (lower, upper) = (0, 1)
    var buffers = operands.enumerated().map { Buffer($1.dtype, .input, name: "operand\($0)") }
    buffers += results.enumerated().map { Buffer($1.dtype, .output, name: "result\($0)") }
    var work: Int?
    if routine.workspace != 0 {
      work = buffers.count
      buffers.append(
        Buffer(
          routine.dtype, .temporary(elements: routine.workspace, perWorker: true), name: "work"))
    }
    let call = Statement.RoutineCall(
      kind: routine.kind, options: routine.options, dtype: routine.dtype, sizes: routine.sizes,
      operands: operands.indices.map(matrices),
      results: results.indices.map { matrices(operands.count + $0) }, work: work,
      from: .axis(lower), to: .axis(upper))
    // About two operations a nanosecond, and the call.
    let cost = count * (routine.flops.quotient(dividingBy: 2) + 100)
    var kernel = Kernel(
      name: "\(routine.kind)", buffers: buffers,
      body: [
        .parallel(
          Statement.Parallel(
            lower: lower, upper: upper, count: count, cost: cost, [.routine(call)]))
      ])
    kernel.flops = count * routine.flops
    kernel.bytes = types.reduce(Dim(0)) { $0 + $1.elementCount * Dim($1.dtype.byteCount) }
    return kernel
  }
}
