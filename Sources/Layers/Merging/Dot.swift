internal import Gnomon

/// The inner product of two inputs over one axis of each, example by example: `Σᵢ aᵢ bᵢ`.
///
///     let (u, v) = (Input(shape: [64]), Input(shape: [64]))
///     let cosine = Dot(axes: 1, normalize: true)(u, v)      // [batch, 1]
///     let (a, b) = (Input(shape: [3, 4]), Input(shape: [4, 5]))
///     let y = Dot(axes: 2, 1)(a, b)                 // [batch, 3, 5]
///
/// With `normalize` the vectors are first divided by their lengths, so that the product is the cosine of
/// their angle.
///
/// - Inputs: two; output `[batch] + the other axes of the first + those of the second`, or `[batch, 1]`. No
///   weights.
public final class Dot: Merge {
  public let axes: (Int, Int)
  public let normalize: Bool

  public convenience init(axes axis: Int, normalize: Bool = false, name: String? = nil) {
    self.init(axes: axis, axis, normalize: normalize, name: name)
  }

  public init(axes first: Int, _ second: Int, normalize: Bool = false, name: String? = nil) {
    axes = (first, second)
    self.normalize = normalize
    super.init(name: name)
    inputSpec = InputSpec(count: 2...2)
  }

  public override var supportsMasking: Bool { false }

  override func merged(_ inputs: [Expr]) -> Expr {
    let (a, b) = (inputs[0], inputs[1])
    let i = axes.0 < 0 ? axes.0 + a.rank : axes.0
    let j = axes.1 < 0 ? axes.1 + b.rank : axes.1
    guard (1..<a.rank).contains(i), (1..<b.rank).contains(j) else {
      return refused(
        .layerInput, "there are no axes \(axes.0) and \(axes.1)", inputs,
        help: "axis 0 is the batch", at: .here())
    }
    let letters = "abcdefghijklmnopqrstuvw".map(String.init)
    var left = (0..<a.rank).map { letters[$0] }
    left[0] = "z"
    var right = (0..<b.rank).map { letters[a.rank + $0] }
    right[0] = "z"
    right[j] = left[i]
    let kept = left.filter { $0 != left[i] } + right.filter { $0 != "z" && $0 != right[j] }
    let spec = "\(left.joined()),\(right.joined())->\(kept.joined())"
    let product = einsum(
      spec, normalize ? unit(a, axis: i) : a, normalize ? unit(b, axis: j) : b)
    return product.rank == 1 ? product.expanded(axis: 1) : product
  }

  private func unit(_ x: Expr, axis: Int) -> Expr {
    x * rsqrt(maximum(sum(square(x), axes: [axis], keepDims: true), 1e-12))
  }
}
