internal import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// Runs a kernel statement by statement, as the C would: the meaning of loop nests, and the referee of
/// the schedules that make them.
///
/// A register is an array of lane bits, and each lane follows `ScalarEvaluator`. Every access is
/// checked: its bounds, that the element was written before it is read, that one worker does not
/// touch what another writes, that nothing is written to an operand. Such a fault is a bug of ours and
/// throws `InternalError` with the statement; a failed `check` throws `LoopIndexFailure`.
package struct LoopInterpreter {
  package let kernel: Kernel

  package init(_ kernel: Kernel) { self.kernel = kernel }

  /// Runs the kernel on its operands and results, in the order of `kernel.buffers`; temporaries are
  /// made here.
  ///
  /// - Parameters:
  ///   - sizes: the values of the named dimensions.
  ///   - workers: how many workers share a parallel loop. They run one after the other.
  package func run(buffers: [LoopBuffer], sizes: [String: Int], workers: Int = 1) throws {
    try LoopProgram(kernel, sizes: sizes).run(buffers: buffers, workers: workers)
  }
}

/// A kernel for given sizes, ready to be run several times.
package struct LoopProgram {
  private let kernel: Kernel
  private let sizes: [String: Int]
  private let body: [LoopNode]
  private let axes: Int
  private let lanes: Int

  /// - Parameter hasLibrary: whether kernels that may call a BLAS library do.
  package init(_ kernel: Kernel, sizes: [String: Int], hasLibrary: Bool = false) throws {
    self.kernel = kernel
    self.sizes = sizes
    let compiler = LoopCompiler(kernel, sizes: sizes, hasLibrary: hasLibrary)
    body = try compiler.block(kernel.body, isTop: true)
    axes = compiler.axisCount
    lanes = compiler.laneCount
  }

  /// As `LoopInterpreter.run`.
  package func run(buffers: [LoopBuffer], workers: Int = 1) throws {
    let state = LoopState(axes: axes, lanes: lanes, workers: max(1, workers))
    var given = 0
    for buffer in kernel.buffers {
      switch buffer.role {
      case .input, .output:
        guard given < buffers.count, buffers[given].dtype == buffer.dtype else {
          throw InternalError("\(kernel.name) was not given the buffer \(buffer.name)")
        }
        state.shared.append(buffers[given])
        given += 1
      case .temporary(let elements, let perWorker):
        guard let count = elements.evaluated(names: sizes), count >= 0 else {
          throw InternalError("\(kernel.name): \(buffer.name) has no size: \(elements)")
        }
        for w in 0..<(perWorker ? state.workers : 1) {
          let memory = LoopBuffer(uninitialized: buffer.dtype, count: count)
          if w == 0 { state.shared.append(memory) }
          if perWorker { state.private[state.shared.count - 1, default: []].append(memory) }
        }
      }
    }
    guard given == buffers.count else {
      throw InternalError("\(kernel.name) was given \(buffers.count) buffers, it takes \(given)")
    }
    state.memory = state.shared
    for statement in body { try statement.run(state) }
  }
}

/// The elements of one buffer as bits, each with the mark of who wrote it last.
package final class LoopBuffer {
  package let dtype: DType
  package let count: Int
  let bits: UnsafeMutablePointer<UInt64>
  /// 0 for an element never written, else the `LoopState.mark` of its last write.
  let marks: UnsafeMutablePointer<UInt32>
  /// The buffer that owns the memory, when this is a part of it.
  private let owner: LoopBuffer?

  /// Memory in which no element may be read before it is written.
  package init(uninitialized dtype: DType, count: Int) {
    self.dtype = dtype
    self.count = count
    owner = nil
    bits = .allocate(capacity: max(1, count))
    bits.initialize(repeating: 0xDEAD_BEEF_DEAD_BEEF, count: max(1, count))
    marks = .allocate(capacity: max(1, count))
    marks.initialize(repeating: 0, count: max(1, count))
  }

  /// The elements of a tensor.
  package convenience init(_ tensor: Tensor) {
    self.init(uninitialized: tensor.dtype, count: tensor.elementCount)
    for (i, b) in tensor.bits.enumerated() {
      bits[i] = b
      marks[i] = LoopState.serial
    }
  }

  /// `count` elements of `owner`, from `offset` on: the same memory.
  ///
  /// - Throws: `InternalError` if they do not lie within it.
  package init(part owner: LoopBuffer, from offset: Int, count: Int) throws {
    guard offset >= 0, count >= 0, offset + count <= owner.count else {
      throw InternalError("elements \(offset)..<\(offset + count) of \(owner.count)")
    }
    dtype = owner.dtype
    self.count = count
    self.owner = owner
    bits = owner.bits + offset
    marks = owner.marks + offset
  }

  /// Takes the elements of another buffer over.
  package func copy(_ other: LoopBuffer) throws {
    guard other.dtype == dtype, other.count <= count else {
      throw InternalError("\(other.count) \(other.dtype) elements for \(count) of \(dtype)")
    }
    bits.update(from: other.bits, count: other.count)
    marks.update(from: other.marks, count: other.count)
  }

  deinit {
    guard owner == nil else { return }
    bits.deallocate()
    marks.deallocate()
  }

  /// Between two kernels: who wrote what in the first no longer matters.
  package func settle() {
    for i in 0..<count where marks[i] != 0 { marks[i] = LoopState.serial }
  }

  /// The elements as a tensor.
  ///
  /// - Throws: `InternalError` if an element was never written.
  package func tensor(shape: Shape) throws -> Tensor {
    guard shape.elementCount == count else {
      throw InternalError("\(count) elements for a tensor of \(shape)")
    }
    for i in 0..<count where marks[i] == 0 {
      throw InternalError("element \(i) of \(count) was never written")
    }
    return Tensor(
      dtype: dtype, shape: shape, bits: Array(UnsafeBufferPointer(start: bits, count: count)))
  }
}

/// A `check` that failed: an index the user gave is out of range.
package struct LoopIndexFailure: Error, Equatable {
  package var value: Int
  package var position: Int
  package var bound: Int
  /// The number of the location in the statement.
  package var location: Int

  package init(value: Int, position: Int, bound: Int, location: Int) {
    self.value = value
    self.position = position
    self.bound = bound
    self.location = location
  }
}

/// What changes while a kernel runs.
final class LoopState {
  /// The mark of what is written outside of parallel loops.
  static let serial: UInt32 = 1

  let axes: UnsafeMutablePointer<Int>
  let lanes: UnsafeMutablePointer<UInt64>
  let workers: Int
  /// The buffers as the running worker sees them.
  var memory: [LoopBuffer] = []
  var shared: [LoopBuffer] = []
  /// Temporaries that each worker has its own of.
  var `private`: [Int: [LoopBuffer]] = [:]
  /// Which parallel loop and worker write now.
  var mark = LoopState.serial
  private var parallelLoops: UInt32 = 0

  init(axes: Int, lanes: Int, workers: Int) {
    self.axes = .allocate(capacity: axes + 1)
    self.axes.initialize(repeating: 0, count: axes + 1)
    self.lanes = .allocate(capacity: lanes + 1)
    self.lanes.initialize(repeating: 0, count: lanes + 1)
    self.workers = workers
  }

  deinit {
    axes.deallocate()
    lanes.deallocate()
  }

  /// Calls `body` for each worker with its range of `0..<count`, as the runtime's pool divides it.
  func parallel(_ count: Int, _ body: (_ lower: Int, _ upper: Int) throws -> Void) rethrows {
    if count <= 0 { return }
    parallelLoops += 1
    let n = min(workers, count)
    for w in 0..<n {
      mark = parallelLoops << 8 | UInt32(w + 1)
      for (b, copies) in `private` { memory[b] = copies[w] }
      try body(count * w / n, count * (w + 1) / n)
    }
    mark = LoopState.serial
    memory = shared
  }

  /// Whether another worker of the running loop has written the element.
  func isForeign(_ other: UInt32) -> Bool {
    other != mark && mark != LoopState.serial && other >> 8 == mark >> 8
  }
}
