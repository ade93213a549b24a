public import GnomonIR
package import GnomonTensors

/// The convolution of a batch of images with a kernel:
/// `y[n, i, j, co] = Σ x[n, i·s + a·d - low, j·s + b·d - low, c] w[a, b, c, co]`.
///
///     conv2d(images, kernel, strides: 2, padding: .same)
///
/// As everywhere in machine learning, the kernel is not flipped.
///
/// - Parameters:
///   - x: `[batch, height, width, channels]`.
///   - kernel: `[kernel height, kernel width, channels / groups, output channels]`, the same dtype.
///   - strides: how far the window moves.
///   - padding: zeros around the input.
///   - dilations: the distance between elements of the window.
///   - groups: into how many groups the channels are split; outputs of a group see its inputs only.
/// - Returns: `[batch, output height, output width, output channels]`. Windows that fit nowhere give
///   G0014, channels that differ G0012.
@_transparent public func conv2d(
  _ x: Expr, _ kernel: Expr, strides: PerAxis = 1, padding: Padding = .valid,
  dilations: PerAxis = 1, groups: Int = 1
) -> Expr { _convolution("conv2d", 2, x, kernel, strides, padding, dilations, groups, .here()) }

/// The convolution of a batch of sequences `[batch, length, channels]` with a kernel
/// `[kernel length, channels / groups, output channels]`; see `conv2d`.
@_transparent public func conv1d(
  _ x: Expr, _ kernel: Expr, strides: PerAxis = 1, padding: Padding = .valid,
  dilations: PerAxis = 1, groups: Int = 1
) -> Expr { _convolution("conv1d", 1, x, kernel, strides, padding, dilations, groups, .here()) }

/// The convolution of a batch of volumes `[batch, depth, height, width, channels]` with a kernel
/// `[depth, height, width, channels / groups, output channels]`; see `conv2d`.
@_transparent public func conv3d(
  _ x: Expr, _ kernel: Expr, strides: PerAxis = 1, padding: Padding = .valid,
  dilations: PerAxis = 1, groups: Int = 1
) -> Expr { _convolution("conv3d", 3, x, kernel, strides, padding, dilations, groups, .here()) }

@usableFromInline func _convolution(
  _ function: String, _ rank: Int, _ x: Expr, _ w: Expr, _ strides: PerAxis, _ padding: Padding,
  _ dilations: PerAxis, _ groups: Int, _ at: Location
) -> Expr {
  let (x, w) = (x.settled(), w.settled())
  if x.isInvalid || w.isInvalid { return .make(Contract("a,a->"), [x, w], at: at) }
  do throws(Refusal) {
    for (i, e) in [x, w].enumerated() where e.rank != rank + 2 {
      throw Refusal(
        .rankMismatch,
        "the \(i == 0 ? "input" : "kernel") has rank \(e.rank) instead of \(rank + 2)",
        marks: [Refusal.Mark(i)],
        help: i == 0
          ? "the input is [batch, \(rank) spatial axes, channels]"
          : "the kernel is [\(rank) spatial axes, input channels, output channels]")
    }
    let input = Array(x.shape.dropFirst().dropLast())
    let kernel = Array(w.shape.dropLast(2))
    let s = try strides.resolved(rank, "strides", atLeast: 1)
    let d = try dilations.resolved(rank, "dilations", atLeast: 1)
    let (low, high) = try padding.resolved(input: input, kernel: kernel, strides: s, dilations: d)
    let op = Convolution(strides: s, dilations: d, low: low, high: high, groups: groups)
    var context = TypeContext(operands: [x.type, w.type])
    _ = try op.resultTypes(&context)
    return .make(op, [x, w], at: at.inScope(function))
  } catch {
    return .refused(error, function, [x, w], at: at)
  }
}

package struct Convolution: ConvolutionOp {
  package static let mnemonic = "convolution"
  package static let summary = "A channels-last convolution over 1 to 3 spatial axes."
  package static var constraints: [String] { commonConstraints }
  package static let computed = 2

  package var strides: [Int]
  package var dilations: [Int]
  package var low: [Dim]
  package var high: [Dim]
  package var groups: Int

  package init(strides: [Int], dilations: [Int], low: [Dim], high: [Dim], groups: Int) {
    self.strides = strides
    self.dilations = dilations
    self.low = low
    self.high = high
    self.groups = groups
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    try checkTypes(&context)
    let (x, w) = (context[0], context[1])
    let window = window(x, w)
    try window.check(&context, axes: Refusal.Mark(0, Array(1...window.rank)))
    let (last, outputs) = (x.rank - 1, w.shape[w.rank - 1])
    try checkChannels(
      &context, input: x.shape[last], perGroup: w.shape[w.rank - 2], output: outputs,
      marks: [Refusal.Mark(0, [last]), Refusal.Mark(1, [w.rank - 2])])
    return [TensorType(x.dtype, [x.shape[0]] + window.output + [outputs])]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil] }
    let (x, w) = (c.operands[0], c.operands[1])
    return [
      c.wanted[0]
        ? .make(ConvolutionInputGradient(self, input: x.shape), [w, g], at: .here()) : nil,
      c.wanted[1]
        ? .make(ConvolutionKernelGradient(self, kernel: w.shape), [x, g], at: .here()) : nil,
    ]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let (x, w) = (operands[0], operands[1])
    let window = window(x, w)
    // Axes: n, o…, co; reduced: k…, c.
    let rank = window.rank
    let perGroup = w.shape[rank]
    let output = Dim.axis(rank + 1)
    let kernel = (0..<rank).map { Dim.axis(rank + 2 + $0) }
    let channel = Dim.axis(2 * rank + 2)
    let group =
      groups == 1
      ? Dim(0)
      : output.quotient(dividingBy: w.shape[rank + 1].quotient(dividingBy: Dim(groups)))
    let places = (0..<rank).map {
      window.inputIndex($0, output: .axis($0 + 1), kernel: kernel[$0])
    }
    return productSum(
      operands, results[0], reduced: window.kernel + [perGroup],
      [
        Read(
          0, [.axis(0)] + places.map(\.index) + [group * perGroup + channel],
          guards: places.flatMap(\.guards)),
        Read(1, kernel + [channel, output]),
      ])
  }
}
