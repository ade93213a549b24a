public import Gnomon

/// A layer whose kernel is divided by its largest singular value, `W / σ(W)`, so that the layer cannot stretch
/// its input by more than 1.
///
///     let x = Input(shape: [784])
///     let y = SpectralNormalization(Dense(64))(x)   // [batch, 64]
///
/// Each training step improves the estimate by the power method: `v = Wᵀu / ‖Wᵀu‖`, `u = W v / ‖W v‖`,
/// `σ = uᵀ W v`. The weight itself stays as the optimizer left it; what is used is `W / σ`.
///
/// - Input and output: those of the layer, a `Dense`, convolution or `Embedding`.
/// - Weights: those of the layer, and not trained `vector_u`.
/// - See Miyato and others, *Spectral Normalization for Generative Adversarial Networks*, 2018.
public final class SpectralNormalization: Layer {
  public let layer: Layer
  public let powerIterations: Int
  private var u: Expr?

  public init(_ layer: Layer, powerIterations: Int = 1, name: String? = nil) {
    self.layer = layer
    self.powerIterations = powerIterations
    super.init(name: name)
  }

  public override func call(_ inputs: [Expr]) -> [Expr] {
    layer.buildOnce(inputs)
    guard let holder = layer as? any KernelHolder, let kernel = holder.heldKernel else {
      return [
        refused(.layerInput, "the layer \(layer.name) has no kernel", inputs, at: .here())
      ]
    }
    let columns = kernel.shape[kernel.rank - 1]
    let state =
      u
      ?? addWeight("vector_u", shape: [1, columns], initializer: .glorotUniform, trainable: false)
    u = state
    let matrix = kernel.reshaped([kernel.shape.dropLast().reduce(1, *), columns])
    let fixed = stopGradient(matrix)
    var (left, right) = (state, state)
    for _ in 0..<max(powerIterations, 1) {
      left = unit(matmul(right, fixed.transposed()))
      right = unit(matmul(left, fixed))
    }
    let estimate = right
    addUpdate(state) { _ in estimate }
    let sigma = matmul(matmul(left, matrix), right.transposed())
    holder.heldKernel = kernel / sigma.reshaped([])
    defer { holder.heldKernel = kernel }
    return layer._apply(inputs, .here())
  }

  private func unit(_ x: Expr) -> Expr { x * rsqrt(maximum(sum(square(x)), 1e-12)) }
}

/// A layer with one kernel that may be replaced by a function of it while the layer is called.
protocol KernelHolder: AnyObject {
  var heldKernel: Expr? { get set }
}

extension Dense: KernelHolder {
  var heldKernel: Expr? {
    get { kernel }
    set { kernel = newValue }
  }
}

extension ConvolutionLayer: KernelHolder {
  var heldKernel: Expr? {
    get { kernel }
    set { kernel = newValue }
  }
}

extension Embedding: KernelHolder {
  var heldKernel: Expr? {
    get { embeddings }
    set { embeddings = newValue }
  }
}
