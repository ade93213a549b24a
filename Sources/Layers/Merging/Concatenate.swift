public import Gnomon

/// Its inputs one after the other along an axis, by default the last: `[a, b, …]`.
///
///     let (a, b) = (Input(shape: [3]), Input(shape: [4]))
///     let y = Concatenate()(a, b)                   // [batch, 7]
///
/// - Inputs: two or more, of one shape but for that axis; output with the sum of their sizes there. No weights.
public final class Concatenate: Merge {
  public let axis: Int

  public init(axis: Int = -1, name: String? = nil) {
    self.axis = axis
    super.init(name: name)
  }

  override func merged(_ x: [Expr]) -> Expr { concatenate(x, axis: axis) }

  public override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? {
    let known = masks.compactMap { $0 }
    guard known.count == masks.count else { return nil }
    // A mask has the leading axes only; along the others the steps must count in every input.
    let at = axis < 0 ? axis + inputs[0].rank : axis
    return at < known[0].rank
      ? concatenate(known, axis: at) : known.dropFirst().reduce(known[0]) { $0 .& $1 }
  }
}
