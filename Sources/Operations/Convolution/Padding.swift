internal import GnomonIR
internal import GnomonTensors

/// What lies beside the input of a convolution or pooling.
public enum Padding: Hashable, Sendable {
  /// Nothing: windows lie within the input.
  case valid
  /// As much as makes the result `ceil(size / stride)` long, the odd element at the end.
  case same
  /// As much as lets every window that touches the input count: the window's length less 1, on both
  /// sides.
  case full
  /// Before the input only, so that no window sees what comes after its last element: the result is
  /// `ceil(size / stride)` long.
  case causal
  /// So many elements before and after each spatial axis.
  case explicit(low: PerAxis, high: PerAxis)
}

/// A number for each spatial axis; one number serves all of them.
///
///     conv2d(x, w, strides: 2)
///     conv2d(x, w, strides: [2, 1])
public struct PerAxis: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public var values: [Int]
  public init(_ values: [Int]) { self.values = values }
  public init(_ value: Int) { values = [value] }
  public init(integerLiteral value: Int) { values = [value] }
  public init(arrayLiteral values: Int...) { self.values = values }

  func resolved(_ rank: Int, _ what: String, atLeast least: Int) throws(Refusal) -> [Int] {
    guard values.count == 1 || values.count == rank else {
      throw Refusal(
        .windowMalformed, "\(values.count) \(what) for \(rank) spatial axes",
        help: "give one number, or one for each spatial axis")
    }
    if let bad = values.first(where: { $0 < least || $0 > 1 << 31 }) {
      throw Refusal(.windowMalformed, "\(what) cannot be \(bad)")
    }
    return values.count == rank ? values : Array(repeating: values[0], count: rank)
  }
}

extension Padding {
  /// The elements before and after each axis; `same` follows the sizes, which may be named.
  func resolved(
    input: [Dim], kernel: [Dim], strides: [Int], dilations: [Int]
  ) throws(Refusal) -> (low: [Dim], high: [Dim]) {
    switch self {
    case .valid: return (input.map { _ in 0 }, input.map { _ in 0 })
    case .full, .causal:
      let before = kernel.indices.map { (kernel[$0] - 1) * Dim(dilations[$0]) }
      return (before, self == .full ? before : input.map { _ in 0 })
    case .explicit(let low, let high):
      let rank = input.count
      return (
        try low.resolved(rank, "padding", atLeast: 0).map { Dim($0) },
        try high.resolved(rank, "padding", atLeast: 0).map { Dim($0) }
      )
    case .same:
      let total = input.indices.map { i in
        let stride = Dim(strides[i])
        let extent = (kernel[i] - 1) * Dim(dilations[i]) + 1
        // (ceil(size / stride) - 1) · stride + extent - size; with stride 1 the size cancels.
        let last = (input[i] + stride - 1).quotient(dividingBy: stride) - 1
        return last * stride + extent - input[i]
      }
      // A stride longer than the window leaves elements at the end unread: `high` is then negative.
      let low = total.map { Dim.maximum($0, 0).quotient(dividingBy: 2) }
      return (low, zip(total, low).map { $0 - $1 })
    }
  }
}
