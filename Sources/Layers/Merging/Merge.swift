public import Gnomon

/// A layer that makes one tensor of several.
///
/// - Inputs: tensors of one shape, or that broadcast; two or more.
public class Merge: Layer {
  public init(name: String? = nil) {
    super.init(name: name)
    inputSpec = InputSpec(count: 2...Int.max)
  }

  /// The combination; there are at least two inputs.
  func merged(_ inputs: [Expr]) -> Expr { inputs[0] }

  public final override func call(_ inputs: [Expr]) -> [Expr] { [merged(inputs)] }

  public override var supportsMasking: Bool { true }

  /// A step counts where it counts in every input.
  public override func computeMask(_ inputs: [Expr], masks: [Expr?]) -> Expr? {
    let known = masks.compactMap { $0 }
    return known.count == masks.count ? known.dropFirst().reduce(known[0]) { $0 .& $1 } : nil
  }
}

/// The sum of its inputs: `a + b + …`.
///
///     let (a, b) = (Input(shape: [10]), Input(shape: [10]))
///     let y = Add()(a, b)                           // [batch, 10]
///
/// - Inputs: two or more, of one shape or such that broadcast; output that shape. No weights.
public final class Add: Merge {
  override func merged(_ x: [Expr]) -> Expr { x.dropFirst().reduce(x[0]) { $0 + $1 } }
}

/// The first of its two inputs minus the second: `a - b`.
///
///     let (a, b) = (Input(shape: [10]), Input(shape: [10]))
///     let y = Subtract()(a, b)                      // [batch, 10]
///
/// - Inputs: two, of one shape or such that broadcast; output that shape. No weights.
public final class Subtract: Merge {
  public override init(name: String? = nil) {
    super.init(name: name)
    inputSpec = InputSpec(count: 2...2)
  }

  override func merged(_ x: [Expr]) -> Expr { x[0] - x[1] }
}

/// The product of its inputs, element by element: `a · b · …`.
///
///     let (a, b) = (Input(shape: [10]), Input(shape: [10]))
///     let y = Multiply()(a, b)                      // [batch, 10]
///
/// - Inputs: two or more, of one shape or such that broadcast; output that shape. No weights.
public final class Multiply: Merge {
  override func merged(_ x: [Expr]) -> Expr { x.dropFirst().reduce(x[0]) { $0 * $1 } }
}

/// The mean of its inputs, element by element: `(a + b + …) / n`.
///
///     let (a, b) = (Input(shape: [10]), Input(shape: [10]))
///     let y = Average()(a, b)                       // [batch, 10]
///
/// - Inputs: two or more, of one shape or such that broadcast; output that shape. No weights.
public final class Average: Merge {
  override func merged(_ x: [Expr]) -> Expr {
    x.dropFirst().reduce(x[0]) { $0 + $1 } / Double(x.count)
  }
}

/// The largest of its inputs, element by element: `max(a, b, …)`.
///
///     let (a, b) = (Input(shape: [10]), Input(shape: [10]))
///     let y = Maximum()(a, b)                       // [batch, 10]
///
/// - Inputs: two or more, of one shape or such that broadcast; output that shape. No weights.
public final class Maximum: Merge {
  override func merged(_ x: [Expr]) -> Expr { x.dropFirst().reduce(x[0]) { maximum($0, $1) } }
}

/// The smallest of its inputs, element by element: `min(a, b, …)`.
///
///     let (a, b) = (Input(shape: [10]), Input(shape: [10]))
///     let y = Minimum()(a, b)                       // [batch, 10]
///
/// - Inputs: two or more, of one shape or such that broadcast; output that shape. No weights.
public final class Minimum: Merge {
  override func merged(_ x: [Expr]) -> Expr { x.dropFirst().reduce(x[0]) { minimum($0, $1) } }
}
