package import GnomonIR
package import GnomonTensors

/// The derivative of a convolution with respect to its kernel, from the input and the derivative with
/// respect to the result. Linear in both.
package struct ConvolutionKernelGradient: ConvolutionOp {
  package static let mnemonic = "convolution_kernel_gradient"
  package static let summary = "The derivative of a convolution with respect to its kernel."
  package static var constraints: [String] {
    commonConstraints + ["the second operand has the shape of the convolution's result"]
  }
  package static let computed = 1

  package var strides: [Int]
  package var dilations: [Int]
  package var low: [Dim]
  package var high: [Dim]
  package var groups: Int
  /// The shape of the kernel; a stride leaves it open.
  package var kernel: [Dim]

  package init(_ c: some ConvolutionOp, kernel: [Dim]) {
    strides = c.strides
    dilations = c.dilations
    low = c.low
    high = c.high
    groups = c.groups
    self.kernel = kernel
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    try checkTypes(&context)
    let (x, dy) = (context[0], context[1])
    let w = TensorType(x.dtype, kernel)
    guard w.rank == x.rank else {
      throw Refusal(.rankMismatch, "the kernel's rank is \(w.rank)", constraint: "C4")
    }
    let window = window(x, w)
    try window.check(&context, axes: Refusal.Mark(0, Array(1...window.rank)))
    try checkChannels(
      &context, input: x.shape[x.rank - 1], perGroup: w.shape[w.rank - 2],
      output: w.shape[w.rank - 1], marks: [])
    for (a, b) in zip(dy.shape, [x.shape[0]] + window.output + [w.shape[w.rank - 1]])
    where !context.agree(a, b) {
      throw Refusal(.shapeMismatch, "\(a) instead of \(b)", constraint: "C6")
    }
    return [w]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil] }
    let (x, dy) = (c.operands[0], c.operands[1])
    let forward = Convolution(
      strides: strides, dilations: dilations, low: low, high: high, groups: groups)
    return [
      c.wanted[0]
        ? .make(ConvolutionInputGradient(self, input: x.shape), [g, dy], at: .here()) : nil,
      c.wanted[1] ? .make(forward, [x, g], at: .here()) : nil,
    ]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let (x, w) = (operands[0], results[0])
    let window = window(x, w)
    // Axes: k…, c, co; reduced: n, o….
    let rank = window.rank
    let perGroup = w.shape[rank]
    let output = Dim.axis(rank + 1)
    let batch = Dim.axis(rank + 2)
    let places = (0..<rank).map {
      window.inputIndex($0, output: .axis(rank + 3 + $0), kernel: .axis($0))
    }
    let group =
      groups == 1
      ? Dim(0)
      : output.quotient(dividingBy: w.shape[rank + 1].quotient(dividingBy: Dim(groups)))
    return productSum(
      operands, w, reduced: [x.shape[0]] + window.output,
      [
        Read(
          0, [batch] + places.map(\.index) + [group * perGroup + .axis(rank)],
          guards: places.flatMap(\.guards)),
        Read(1, [batch] + (0..<rank).map { .axis(rank + 3 + $0) } + [output]),
      ])
  }
}
