import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import Testing

/// Tiles on a machine whose caches are so small that panels are copied and reductions cut where the
/// interpreter can still follow.
struct TileBlockTests {
  static let small = [
    Machine(vectorBytes: 64, vectorRegisters: 32, secondCacheBytes: 4 << 10, cores: 2),
    Machine(vectorBytes: 32, vectorRegisters: 16, secondCacheBytes: 4 << 10, cores: 1),
  ]

  private func expect(
    _ x: [Tensor], shapes: [[Dim]]? = nil, holds text: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, _ build: ([Expr]) -> [Expr]
  ) throws {
    try expectKernel(
      x, shapes: shapes, tolerance: 1e-3, machines: Self.small, sourceLocation: sourceLocation,
      build)
    guard let text else { return }
    let region = try KernelReferee.region(x, shapes: shapes, build)
    let kernel = try Kernel(region, name: "test", machine: Self.small[0])
    #expect("\(kernel)".contains(text), "\(kernel)", sourceLocation: sourceLocation)
  }

  @Test(arguments: [(13, 40, 300), (29, 16, 257), (26, 80, 160), (25, 17, 512)])
  func `a long reduction in blocks`(m: Int, n: Int, k: Int) throws {
    try expect([sample(m, k), sample(k, n, seed: 2)], holds: "tiles") { [matmul($0[0], $0[1])] }
    try expect([sample(m, k), sample(n, k, seed: 2), sample(n, seed: 3)], holds: "tiles") {
      [relu(matmul($0[0], $0[1].transposed()) + $0[2])]
    }
    // A size with a name counts as 64, the other one as what it is.
    try expect(
      [sample(m, k), sample(k, n, seed: 2)], shapes: [["m", Dim(k)], [Dim(k), "n"]], holds: "tiles"
    ) { [tanh(matmul($0[0], $0[1]))] }
  }

  @Test func `a small result of a long sum has parts`() throws {
    try expect([sample(22_000, 3), sample(22_000, 5, seed: 2)], holds: "parts") {
      [matmul($0[0].transposed(), $0[1])]
    }
    for k in [2048, 2100] {
      try expect([sample(17, k), sample(k, 17, seed: 2)], holds: "parts") { x in
        let y = matmul(x[0], x[1])
        return [y, relu(y)]
      }
    }
    // Few blocks, and none, where the size has a name.
    for b in [0, 1, 2, 5] {
      try expect(
        [sample(b, 40, 40, 3), sample(b, 40, 40, 7, seed: 2)],
        shapes: [["b", 40, 40, 3], ["b", 40, 40, 7]], holds: "parts"
      ) { [einsum("bhwi,bhwo->io", $0)] }
    }
  }

  @Test func `panels that fit the cache are all copied first, and pass by rows that do not`() throws
  {
    let machine = Machine(
      vectorBytes: 64, vectorRegisters: 32, secondCacheBytes: 40 << 10, cores: 2)
    for (m, n) in [(90, 70), (85, 130)] {
      let x = [sample(m, 33), sample(n, 33, seed: 2)]
      let build = { (e: [Expr]) in [matmul(e[0], e[1].transposed())] }
      try expectKernel(x, tolerance: 1e-4, machines: [machine], build)
      let kernel = try Kernel(KernelReferee.region(x, build), name: "test", machine: machine)
      #expect("\(kernel)".contains("] panels"), "\(kernel)")
    }
  }

  @Test func `an operand that no cache holds is read once, in parts`() throws {
    let machine = Machine(
      vectorBytes: 32, vectorRegisters: 16, secondCacheBytes: 4 << 10, cores: 1)
    let x = [sample(2048, 60), sample(2048, 8, seed: 2)]
    let build = { (e: [Expr]) in [einsum("ki,kj->ij", e)] }
    try expectKernel(x, tolerance: 1e-3, machines: [machine], build)
    let kernel = try Kernel(KernelReferee.region(x, build), name: "test", machine: machine)
    #expect("\(kernel)".contains("] parts"), "\(kernel)")
  }

  @Test(arguments: [(70, 33), (33, 100), (90, 20)])
  func `rows that lie side by side take the steps of a block before the next`(m: Int, n: Int) throws
  {
    for cores in [1, 2] {
      let machine = Machine(
        vectorBytes: 64, vectorRegisters: 32, firstCacheBytes: 2 << 10,
        secondCacheBytes: 8 << 10, cores: cores)
      let x = [sample(150, m), sample(150, n, seed: 2), sample(m, n, seed: 3)]
      let build = { (e: [Expr]) in [e[2] - 0.5 * einsum("ki,kj->ij", [e[0], e[1]])] }
      try expectKernel(x, tolerance: 1e-4, machines: [machine], build)
      let kernel = try Kernel(KernelReferee.region(x, build), name: "test", machine: machine)
      #expect("\(kernel)".contains("] per worker tiles"), "\(kernel)")
    }
  }

  @Test func `what follows on a tile is fetched during its steps`() throws {
    let x = [sample(20, 70), sample(70, 40, seed: 2), sample(20, 40, seed: 3)]
    let build = { (e: [Expr]) in [matmul(e[0], e[1]) + e[2]] }
    let kernel = try Kernel(KernelReferee.region(x, build), name: "test", machine: .avx512)
    #expect("\(kernel)".contains("prefetch b2["), "\(kernel)")
  }

  @Test(arguments: [[16, 32], [37, 50], [3, 19, 40], [2, 16, 3, 35]])
  func `transposes turn blocks in registers`(shape: [Int]) throws {
    for dtype in [DType.float32, .int64] {
      let x = sample(shape, dtype: dtype)
      for order in [(1, -1), (-2, -1), (0, -1)] {
        try expectKernel([x], tolerance: 0) {
          [.make(Copy(), [$0[0].swapAxes(order.0, order.1)], at: .here())]
        }
      }
    }
    let region = try KernelReferee.region([sample(shape)]) {
      [.make(Copy(), [$0[0].swapAxes(1, -1).swapAxes(0, 1)], at: .here())]
    }
    let text = "\(try Kernel(region, name: "test", machine: .avx512))"
    #expect(text.contains("transpose 16 by 16"), "\(text)")
  }

  @Test func `long stages after a tile stand apart from its sums`() throws {
    try expect([sample(13, 20), sample(20, 80, seed: 2), sample(80, seed: 3)], holds: "apart") {
      [gelu(matmul($0[0], $0[1]) + $0[2])]
    }
    try expect([sample(13, 300), sample(300, 40, seed: 2)], holds: "apart") {
      [gelu(matmul($0[0], $0[1]))]
    }
  }

  @Test func `rows of a tile that overlap are copied once`() throws {
    // Windows with padding: the tile's rows run along those of the image.
    let x = [sample(1, 6, 13, 5), sample(3, 3, 5, 17, seed: 2)]
    let region = try KernelReferee.region(x) { [conv2d($0[0], $0[1], padding: .same)] }
    let kernel = try Kernel(region, name: "test", machine: .avx512)
    let rows = try #require(
      kernel.buffers.first { $0.name == "rows" }, "the rows are not copied:\n\(kernel)")
    guard case .temporary(let elements, _) = rows.role else { return }
    // So many places of 3 rows of the image by 5 channels, rather than 9 windows by 5 for each.
    let places = try #require(elements.constant) / 15
    #expect(places * 15 == elements.constant && (3..<16).contains(places), "\(kernel)")
    for (stride, dilation) in [(1, 1), (2, 1), (1, 2)] {
      try expectKernel(x, tolerance: 1e-4, machines: [.avx512]) {
        [
          conv2d(
            $0[0], $0[1], strides: PerAxis(stride), padding: .same, dilations: PerAxis(dilation))
        ]
      }
    }
  }

  /// Rows that lie side by side in memory, a step far from the next, with panels passing by each band.
  @Test(arguments: [(300, 40, 9), (517, 70, 5), (16, 20, 40)])
  func `the left operand across`(m: Int, n: Int, k: Int) throws {
    let x = [sample(k, m), sample(k, n, seed: 2)]
    try expectKernel(x, tolerance: 1e-4) { [matmul($0[0].transposed(), $0[1])] }
    try expectKernel(x, shapes: [["k", "m"], ["k", "n"]], tolerance: 1e-4) {
      [matmul($0[0].transposed(), $0[1])]
    }
    try expectKernel(
      [sample(2, k, m), sample(2, k, n, seed: 2)], tolerance: 1e-4, machines: [.avx512]
    ) { [einsum("bki,bkj->bij", $0)] }
  }

  @Test(arguments: [Padding.valid, .same]) func `convolutions and their gradients`(
    padding: Padding
  ) throws {
    for (b, h, c, o, s) in [(1, 7, 20, 35, 1), (3, 7, 8, 16, 2), (1, 12, 17, 8, 1)] {
      let x = [sample(b, h, h, c), sample(3, 3, c, o, seed: 2)]
      let output = try KernelReferee.region(x) {
        [conv2d($0[0], $0[1], strides: PerAxis(s), padding: padding)]
      }
      let shape = output.type(of: output.results[0]).shape.map { $0.constant! }
      try expect(x) { [conv2d($0[0], $0[1], strides: PerAxis(s), padding: padding)] }
      let dy = sample(shape, seed: 3)
      try expect([x[1], dy]) { e in
        let op =
          conv2d(
            Expr.input("x", .float32, x[0].shape.map { Dim($0) }), e[0],
            strides: PerAxis(s), padding: padding
          ).node.op as! Convolution
        return [
          .make(
            ConvolutionInputGradient(op, input: x[0].shape.map { Dim($0) }), e, at: .here())
        ]
      }
      try expect([x[0], dy]) { e in
        let op =
          conv2d(
            e[0], Expr.input("w", .float32, x[1].shape.map { Dim($0) }),
            strides: PerAxis(s), padding: padding
          ).node.op as! Convolution
        return [
          .make(
            ConvolutionKernelGradient(op, kernel: x[1].shape.map { Dim($0) }), e, at: .here())
        ]
      }
    }
  }

  @Test(arguments: [DType.float16, .bfloat16, .float64, .int32])
  func `copies of every kind of number`(dtype: DType) throws {
    let x = [sample(20, 150, dtype: dtype), sample(40, 150, dtype: dtype, seed: 2)]
    let tolerance = dtype == .float16 ? 4e-3 : dtype == .bfloat16 ? 3e-2 : 1e-10
    try expectKernel(x, tolerance: tolerance, machines: Self.small) {
      [matmul($0[0], $0[1].transposed())]
    }
  }
}
