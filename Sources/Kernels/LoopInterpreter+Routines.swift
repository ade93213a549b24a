internal import CRuntime
internal import GnomonIR
internal import GnomonTensors

/// A routine of the runtime on matrices: every element is checked on its way in and out, and the
/// runtime computes what lies between, without a BLAS library.
final class RoutineNode: AccessNode {
  struct Matrices {
    let buffer: Int
    let elements: LoopIndex
  }
  let call: Statement.RoutineCall
  let sizes: [LoopIndex]
  let operands: [Matrices]
  let results: [Matrices]
  let from: LoopIndex
  let to: LoopIndex

  init(
    _ statement: Statement, _ call: Statement.RoutineCall, sizes: [LoopIndex],
    operands: [Matrices], results: [Matrices], from: LoopIndex, to: LoopIndex
  ) {
    self.call = call
    self.sizes = sizes
    self.operands = operands
    self.results = results
    self.from = from
    self.to = to
    super.init(statement)
  }

  override func run(_ state: LoopState) throws {
    let sizes = self.sizes.map { Int64($0.value(state)) }
    let work = call.work.map { state.memory[$0] }
    let room = Tensor(uninitialized: work?.dtype ?? .float64, [work?.count ?? 0])
    let strides = [Int64](repeating: 0, count: operands.count + results.count)
    for i in from.value(state)..<max(from.value(state), to.value(state)) {
      var tensors = try operands.map { matrices in
        let memory = state.memory[matrices.buffer]
        let count = matrices.elements.value(state)
        return Tensor(
          dtype: memory.dtype, shape: [count],
          bits: try (0..<count).map { try read(state, memory, i * count + $0, lane: 0) })
      }
      for matrices in results {
        tensors.append(
          Tensor(
            uninitialized: state.memory[matrices.buffer].dtype, [matrices.elements.value(state)]))
      }
      gn_routine(
        nil, call.kind.rawValue, call.options, Int32(call.dtype.byteCount), sizes,
        Int32(tensors.count), tensors.map { UnsafeMutableRawPointer($0.storage.pointer) }, strides,
        0, 1, room.storage.pointer)
      for (matrices, tensor) in zip(results, tensors[operands.count...]) {
        let memory = state.memory[matrices.buffer]
        for (k, bits) in tensor.bits.enumerated() {
          try write(state, memory, i * tensor.elementCount + k, bits, lane: 0)
        }
      }
    }
  }
}
