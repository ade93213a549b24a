package import GnomonIR
package import GnomonTensors

/// The derivative of a convolution with respect to its input, from the kernel and the derivative with
/// respect to the result: each input element gathers from the windows that contain it. Linear in
/// both, and as a map of its own a transposed convolution.
package struct ConvolutionInputGradient: ConvolutionOp {
  package static let mnemonic = "convolution_input_gradient"
  package static let summary = "The derivative of a convolution with respect to its input."
  package static var constraints: [String] {
    commonConstraints + ["the second operand has the shape of the convolution's result"]
  }
  package static let computed = 0

  package var strides: [Int]
  package var dilations: [Int]
  package var low: [Dim]
  package var high: [Dim]
  package var groups: Int
  /// The shape of the convolution's input; a stride leaves it open.
  package var input: [Dim]

  package init(_ c: some ConvolutionOp, input: [Dim]) {
    strides = c.strides
    dilations = c.dilations
    low = c.low
    high = c.high
    groups = c.groups
    self.input = input
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    try checkTypes(&context)
    let (w, dy) = (context[0], context[1])
    let x = TensorType(w.dtype, input)
    guard x.rank == w.rank else {
      throw Refusal(.rankMismatch, "the input's rank is \(x.rank)", constraint: "C4")
    }
    let window = window(x, w)
    try window.check(&context, axes: Refusal.Mark(0, Array(0..<window.rank)))
    try checkChannels(
      &context, input: x.shape[x.rank - 1], perGroup: w.shape[w.rank - 2],
      output: w.shape[w.rank - 1], marks: [])
    for (a, b) in zip(dy.shape, [x.shape[0]] + window.output + [w.shape[w.rank - 1]])
    where !context.agree(a, b) {
      throw Refusal(.shapeMismatch, "\(a) instead of \(b)", constraint: "C6")
    }
    return [x]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil] }
    let (w, dy) = (c.operands[0], c.operands[1])
    let forward = Convolution(
      strides: strides, dilations: dilations, low: low, high: high, groups: groups)
    return [
      c.wanted[0]
        ? .make(ConvolutionKernelGradient(self, kernel: w.shape), [g, dy], at: .here()) : nil,
      c.wanted[1] ? .make(forward, [g, w], at: .here()) : nil,
    ]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let (x, w) = (results[0], operands[0])
    let window = window(x, w)
    // Axes: n, h…, ci; reduced: k…, output channels of the group.
    let rank = window.rank
    let perGroup = w.shape[rank]
    let outputs = w.shape[rank + 1].quotient(dividingBy: Dim(groups))
    let input = Dim.axis(rank + 1)
    let kernel = (0..<rank).map { Dim.axis(rank + 2 + $0) }
    let group = groups == 1 ? Dim(0) : input.quotient(dividingBy: perGroup)
    let output = group * outputs + .axis(2 * rank + 2)
    let places = (0..<rank).map {
      window.outputIndex($0, input: .axis($0 + 1), kernel: kernel[$0])
    }
    return productSum(
      operands, results[0], reduced: window.kernel + [outputs],
      [
        Read(0, kernel + [input - group * perGroup, output]),
        Read(
          1, [.axis(0)] + places.map(\.index) + [output], guards: places.flatMap(\.guards)),
      ])
  }
}
