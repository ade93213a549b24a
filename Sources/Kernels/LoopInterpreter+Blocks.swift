internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

// Statements on blocks of memory.

/// A block copied with its rows and columns exchanged.
final class TransposeNode: AccessNode {
  let lanes: Int
  let from: Int
  let to: Int
  /// First element and distance of rows, of the source and of the copy.
  let places: [LoopIndex]

  init(_ statement: Statement, lanes: Int, from: Int, to: Int, places: [LoopIndex]) {
    self.lanes = lanes
    self.from = from
    self.to = to
    self.places = places
    super.init(statement)
  }

  override func run(_ state: LoopState) throws {
    let values = places.map { $0.value(state) }
    for r in 0..<lanes {
      for l in 0..<lanes {
        let bits = try read(
          state, state.memory[from], values[0] + r * values[1] + l, lane: l)
        try write(state, state.memory[to], values[2] + l * values[3] + r, bits, lane: r)
      }
    }
  }
}

/// A product by its definition.
final class ProductNode: AccessNode {
  struct Operand {
    let buffer: Int
    let index: LoopIndex
    let leading: LoopIndex
    let isTransposed: Bool
  }
  let dtype: DType
  let a: Operand
  let b: Operand
  let c: Int
  let cIndex: LoopIndex
  let ldc: LoopIndex
  let sizes: [LoopIndex]

  init(
    _ statement: Statement, _ dtype: DType, a: Operand, b: Operand, c: Int, cIndex: LoopIndex,
    ldc: LoopIndex, sizes: [LoopIndex]
  ) {
    self.dtype = dtype
    self.a = a
    self.b = b
    self.c = c
    self.cIndex = cIndex
    self.ldc = ldc
    self.sizes = sizes
    super.init(statement)
  }

  override func run(_ state: LoopState) throws {
    let (m, n, k) = (sizes[0].value(state), sizes[1].value(state), sizes[2].value(state))
    let ldc = ldc.value(state)
    let first = cIndex.value(state)
    let (firstA, leadingA) = (a.index.value(state), a.leading.value(state))
    let (firstB, leadingB) = (b.index.value(state), b.leading.value(state))
    let (left, right) = (state.memory[a.buffer], state.memory[b.buffer])
    let out = state.memory[c]
    for i in 0..<max(0, m) {
      for j in 0..<max(0, n) {
        var total = UInt64(0)
        for p in 0..<max(0, k) {
          let x = firstA + (a.isTransposed ? p * leadingA + i : i * leadingA + p)
          let y = firstB + (b.isTransposed ? j * leadingB + p : p * leadingB + j)
          total = ScalarEvaluator.apply(
            .multiplyAdd, dtype: dtype, argumentType: dtype,
            try read(state, left, x, lane: 0), try read(state, right, y, lane: 0), total)
        }
        try write(state, out, first + i * ldc + j, total, lane: 0)
      }
    }
  }
}
