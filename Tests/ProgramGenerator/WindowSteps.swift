internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Convolutions and pools over one axis, with their gradients.
let windowSteps: [Step] = [
  Step("convolution", op: Convolution.self) { g in
    let dtype = g.dtype { $0 != .bool }
    return try g.emit(convolution, g.value(dtype, [g.dim(), 4, 2]), g.value(dtype, [2, 2, 3]))
  },
  Step("convolution_input_gradient", op: ConvolutionInputGradient.self) { g in
    let dtype = g.dtype { $0 != .bool }
    let d = g.dim()
    let op = ConvolutionInputGradient(convolution, input: [d, 4, 2])
    return try g.emit(op, g.value(dtype, [2, 2, 3]), g.value(dtype, [d, 4, 3]))
  },
  Step("convolution_kernel_gradient", op: ConvolutionKernelGradient.self) { g in
    let dtype = g.dtype { $0 != .bool }
    let d = g.dim()
    let op = ConvolutionKernelGradient(convolution, kernel: [2, 2, 3])
    return try g.emit(op, g.value(dtype, [d, 4, 2]), g.value(dtype, [d, 4, 3]))
  },
  Step(several: "max_pool", op: MaxPool.self) { g in try g.maxPool([g.dim(), 4, 2]) },
  Step("max_pool_gradient", op: MaxPoolGradient.self) { g in
    let d = g.dim()
    let positions = try g.maxPool([d, 4, 2])
    let dy = try g.value(g.type(of: positions[0]).dtype, [d, 2, 2])
    return try g.emit(MaxPoolGradient(halving, input: [d, 4, 2]), dy, positions[1])
  },
  Step("max_pool_take", op: MaxPoolTake.self) { g in
    let d = g.dim()
    let positions = try g.maxPool([d, 4, 2])
    let x = try g.value(g.type(of: positions[0]).dtype, [d, 4, 2])
    return try g.emit(MaxPoolTake(halving), x, positions[1])
  },
  Step("sum_pool", op: SumPool.self) { g in
    let pool = SumPool(sizes: [2], strides: [2], low: [0], high: [0])
    return try g.emit(pool, g.value(g.dtype { $0 != .bool }, [g.dim(), 4, 2]))
  },
  Step("sum_pool_gradient", op: SumPoolGradient.self) { g in
    let d = g.dim()
    let op = SumPoolGradient(halving, input: [d, 4, 2])
    return try g.emit(op, g.value(g.dtype { $0 != .bool }, [d, 2, 2]))
  },
]

private let convolution = Convolution(
  strides: [1], dilations: [1], low: [0], high: [1], groups: 1)
private let halving = MaxPool(sizes: [2], strides: [2], low: [0], high: [0])

extension ProgramGenerator {
  /// The largest of each window and where it lies.
  fileprivate mutating func maxPool(_ shape: [Dim]) throws -> [ValueID] {
    let x = try value(dtype { $0 != .bool }, shape)
    return try emit(halving, [x], regions: [])
  }
}
