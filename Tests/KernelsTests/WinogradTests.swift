import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import Testing

/// Convolutions and gradients by tiles of 2 × 2 points.
@Suite struct WinogradTests {
  /// An image and its windows.
  struct Case: Sendable, CustomTestStringConvertible {
    var image: [Int]
    var columns: Int
    var padding: Padding

    init(_ image: [Int], _ columns: Int, _ padding: Padding) {
      self.image = image
      self.columns = columns
      self.padding = padding
    }

    var testDescription: String { "\(image) to \(columns), \(padding)" }
    var x: Tensor { sample(image, seed: 1) }
    var windows: Tensor { sample(3, 3, image[3], columns, seed: 2) }
    var output: [Int] {
      let less = padding == .same ? 0 : 2
      return [image[0], image[1] - less, image[2] - less, columns]
    }
    private var input: Expr { Expr.input("x", .float32, image.map { Dim($0) }) }

    var convolution: Convolution {
      conv2d(
        input, Expr.input("w", .float32, windows.shape.map { Dim($0) }), padding: padding
      ).node.op as! Convolution
    }
  }

  // Even and odd sides, channels and columns of less and of more than whole vectors, several panels.
  static let cases = [
    Case([2, 8, 10, 16], 16, .valid), Case([1, 9, 7, 20], 35, .valid),
    Case([3, 8, 8, 16], 32, .same), Case([1, 5, 7, 35], 70, .same),
    Case([5, 6, 7, 17], 18, .same),
  ]

  /// Machines that transform whatever the size.
  static let machines = KernelReferee.machines.map { machine in
    var machine = machine
    machine.winogradShare = .infinity
    return machine
  }

  /// Sums of a few hundred products of numbers up to 4, some of them through sums of four.
  static let tolerance = 2e-4

  static func isTransformed(_ kernel: Kernel) -> Bool {
    kernel.buffers.contains { ["windows", "parts"].contains($0.name) && $0.role != .input }
      && kernel.buffers.contains { $0.name == "data" }
  }

  /// Expects the values of the reference from a kernel of tiles.
  private func expect(
    _ tensors: [Tensor], shapes: [[Dim]]? = nil, machines: [Machine] = Self.machines,
    _ build: ([Expr]) -> [Expr]
  ) throws {
    let region = try KernelReferee.region(tensors, shapes: shapes, build)
    let kernel = try Kernel(region, name: "test", machine: machines[0])
    #expect(Self.isTransformed(kernel), "no tiles:\n\(kernel)")
    try expectKernel(
      tensors, shapes: shapes, tolerance: Self.tolerance, machines: machines, build)
  }

  @Test(arguments: cases) func convolutions(_ c: Case) throws {
    try expect([c.x, c.windows]) { [conv2d($0[0], $0[1], padding: c.padding)] }
  }

  @Test(arguments: cases) func `convolutions of any batch, with what follows`(_ c: Case) throws {
    let bias = sample(c.columns, seed: 3)
    let rest = sample(c.output, seed: 4)
    var image = c.image.map { Dim($0) }
    var output = c.output.map { Dim($0) }
    image[0] = "batch"
    output[0] = "batch"
    try expect(
      [c.x, c.windows, bias, rest],
      shapes: [image, c.windows.shape.map { Dim($0) }, [Dim(c.columns)], output],
      machines: [Self.machines[0]]
    ) { e in
      [relu(conv2d(e[0], e[1], padding: c.padding) + e[2]) + e[3]]
    }
  }

  @Test(arguments: cases) func `gradients by the data`(_ c: Case) throws {
    try expect([c.windows, sample(c.output, seed: 3)]) { e in
      [
        .make(
          ConvolutionInputGradient(c.convolution, input: c.image.map { Dim($0) }), e, at: .here())
      ]
    }
  }

  @Test(arguments: cases) func `gradients by the windows`(_ c: Case) throws {
    try expect([c.x, sample(c.output, seed: 3)]) { e in
      [
        .make(
          ConvolutionKernelGradient(c.convolution, kernel: c.windows.shape.map { Dim($0) }), e,
          at: .here())
      ]
    }
  }

  @Test func `an empty batch`() throws {
    let c = Case([0, 6, 6, 3], 5, .valid)
    let shapes: [[Dim]] = [["batch", 6, 6, 3], ["batch", 4, 4, 5]]
    try expect(
      [c.x, c.windows], shapes: [shapes[0], [3, 3, 3, 5]], machines: [Self.machines[0]]
    ) { [conv2d($0[0], $0[1])] }
    try expect([c.x, sample(c.output)], shapes: shapes, machines: [Self.machines[0]]) { e in
      let op = conv2d(e[0], Expr.input("w", .float32, [3, 3, 3, 5])).node.op as! Convolution
      return [.make(ConvolutionKernelGradient(op, kernel: [3, 3, 3, 5]), e, at: .here())]
    }
  }

  @Test func `a gradient within the update of its windows`() throws {
    let c = Self.cases[1]
    try expect([c.x, sample(c.output, seed: 3), c.windows], machines: [Self.machines[0]]) { e in
      let gradient = Expr.make(
        ConvolutionKernelGradient(c.convolution, kernel: c.windows.shape.map { Dim($0) }),
        [e[0], e[1]], at: .here())
      return [e[2] - 0.1 * gradient]
    }
  }

  /// A number that is not finite reaches the points whose windows have it, and no other.
  @Test(arguments: [Float.nan, .infinity, -.infinity, 3e38, -1e-45])
  func `numbers that are not finite, or nearly`(_ value: Float) throws {
    for c in [Case([1, 6, 6, 3], 5, .valid), Case([2, 5, 4, 2], 3, .same)] {
      func planted(_ t: Tensor, at place: Int) -> Tensor {
        var values = t.doubles
        values[place] = Double(value)
        return Tensor(dtype: .float32, shape: t.shape, doubles: values)
      }
      let dy = sample(c.output, seed: 3)
      let gradients: [([Tensor], ([Expr]) -> [Expr])] = [
        ([c.x, c.windows], { [conv2d($0[0], $0[1], padding: c.padding)] }),
        (
          [c.windows, dy],
          {
            [
              .make(
                ConvolutionInputGradient(c.convolution, input: c.image.map { Dim($0) }), $0,
                at: .here())
            ]
          }
        ),
        (
          [c.x, dy],
          {
            [
              .make(
                ConvolutionKernelGradient(c.convolution, kernel: c.windows.shape.map { Dim($0) }),
                $0, at: .here())
            ]
          }
        ),
      ]
      for (tensors, build) in gradients {
        for operand in tensors.indices {
          for place in [0, tensors[operand].elementCount / 2] {
            var changed = tensors
            changed[operand] = planted(tensors[operand], at: place)
            try expect(changed, machines: [Self.machines[0]], build)
          }
        }
      }
    }
  }

  @Test func `others are summed as they are`() throws {
    func kernel(
      _ image: [Int], _ windows: [Int], strides: Int = 1, dtype: DType = .float32,
      machine: Machine = .avx512
    ) throws -> Kernel {
      let region = try KernelReferee.region([
        sample(image, dtype: dtype), sample(windows, dtype: dtype, seed: 2),
      ]) { [conv2d($0[0], $0[1], strides: PerAxis(strides))] }
      return try Kernel(region, name: "test", machine: machine)
    }
    #expect(Self.isTransformed(try kernel([2, 12, 12, 32], [3, 3, 32, 32])))
    var direct = Machine.avx512
    direct.winogradShare = 0
    for other in [
      try kernel([2, 12, 12, 32], [3, 3, 32, 32], machine: direct),
      try kernel([2, 12, 12, 32], [3, 3, 32, 32], strides: 2),
      try kernel([2, 12, 12, 32], [3, 3, 32, 32], dtype: .float64),
      try kernel([2, 12, 12, 32], [5, 5, 32, 32]),
      try kernel([2, 12, 12, 32], [1, 3, 32, 32]),
      // The transformations would cost more than they save.
      try kernel([2, 12, 12, 1], [3, 3, 1, 32]),
      try kernel([1, 4, 4, 32], [3, 3, 32, 32]),
    ] { #expect(!Self.isTransformed(other)) }
  }
}
