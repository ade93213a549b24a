internal import GnomonScalars
internal import GnomonTensors

extension NestBuilder {
  /// A number that the result of a float32 operation is never below, NaN aside: what squares, their sums
  /// and constants make known. Rounding keeps order, so the bounds hold of rounded results.
  func lowerBound(of op: ScalarOp, _ dtype: DType, _ arguments: [Register]) -> Float? {
    guard dtype == .float32 else { return nil }
    let bounds = arguments.map { lowerBounds[$0.number] }
    func areAll(atLeast limit: Float) -> Bool {
      bounds.allSatisfy { $0.map { $0 >= limit } ?? false }
    }
    switch op {
    case .constant(let bits):
      let x = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      return x.isNaN ? nil : x
    case .absolute, .squareRoot, .call(.exp), .call(.sigmoid), .call(.softplus), .call(.rsqrt):
      return op == .call(.rsqrt) && !areAll(atLeast: 0x1p-126) ? nil : 0
    case .add:
      guard let a = bounds[0], let b = bounds[1] else { return nil }
      return a + b
    case .multiply:
      return arguments[0] == arguments[1] || areAll(atLeast: 0) ? 0 : nil
    case .multiplyAdd:
      let isPositive =
        arguments[0] == arguments[1] || bounds.dropLast().allSatisfy { ($0 ?? -1) >= 0 }
      return isPositive ? bounds[2] : nil
    case .maximum: return [bounds[0], bounds[1]].compactMap { $0 }.max()
    case .minimum, .divide:
      guard let a = bounds[0], let b = bounds[1] else { return nil }
      return op == .minimum ? min(a, b) : a >= 0 && b >= 0 ? 0 : nil
    case .select:
      guard let a = bounds[1], let b = bounds[2] else { return nil }
      return min(a, b)
    default: return nil
    }
  }
}
