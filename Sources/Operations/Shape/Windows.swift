internal import Foundation
public import GnomonIR
public import GnomonTensors

/// Hann's window, a raised cosine that ends at 0: symmetric, `count` long.
@_transparent public func hannWindow(_ count: Int, _ dtype: DType = .float32) -> Expr {
  _hannWindow(count, dtype, .here())
}

@usableFromInline func _hannWindow(_ count: Int, _ dtype: DType, _ at: Location) -> Expr {
  window(count, dtype, at) { i, n in 0.5 - 0.5 * Foundation.cos(2 * .pi * i / n) }
}

/// Hamming's window, a raised cosine that ends at 0.08: symmetric, `count` long.
@_transparent public func hammingWindow(_ count: Int, _ dtype: DType = .float32) -> Expr {
  _hammingWindow(count, dtype, .here())
}

@usableFromInline func _hammingWindow(_ count: Int, _ dtype: DType, _ at: Location) -> Expr {
  window(count, dtype, at) { i, n in 0.54 - 0.46 * Foundation.cos(2 * .pi * i / n) }
}

/// Blackman's window of three cosines: symmetric, `count` long.
@_transparent public func blackmanWindow(_ count: Int, _ dtype: DType = .float32) -> Expr {
  _blackmanWindow(count, dtype, .here())
}

@usableFromInline func _blackmanWindow(_ count: Int, _ dtype: DType, _ at: Location) -> Expr {
  window(count, dtype, at) { i, n in
    0.42 - 0.5 * Foundation.cos(2 * .pi * i / n) + 0.08 * Foundation.cos(4 * .pi * i / n)
  }
}

/// Bartlett's window, a triangle that ends at 0: `count` long.
@_transparent public func bartlettWindow(_ count: Int, _ dtype: DType = .float32) -> Expr {
  _bartlettWindow(count, dtype, .here())
}

@usableFromInline func _bartlettWindow(_ count: Int, _ dtype: DType, _ at: Location) -> Expr {
  window(count, dtype, at) { i, n in 1 - (2 * i / n - 1).magnitude }
}

/// Kaiser's window: `count` long.
///
/// - Parameter beta: how fast it falls; 0 is flat.
@_transparent public func kaiserWindow(_ count: Int, beta: Double, _ dtype: DType = .float32)
  -> Expr
{ _kaiserWindow(count, beta, dtype, .here()) }

@usableFromInline func _kaiserWindow(_ count: Int, _ beta: Double, _ dtype: DType, _ at: Location)
  -> Expr
{
  window(count, dtype, at) { i, n in
    {
      let x = 2 * i / n - 1
      return bessel(beta * (1 - x * x).squareRoot()) / bessel(beta)
    }()
  }
}

/// A function of the position and of the last one as a constant; a single element is 1.
private func window(
  _ count: Int, _ dtype: DType, _ at: Location, _ f: (Double, Double) -> Double
) -> Expr {
  let n = Swift.max(count, 0)
  let values = (0..<n).map { n == 1 ? 1 : f(Double($0), Double(n - 1)) }
  return ._constant(Tensor(dtype: dtype, shape: Shape([n]), doubles: values), at)
}

/// I0 by its power series.
private func bessel(_ x: Double) -> Double {
  var (term, sum, k) = (1.0, 1.0, 1.0)
  while term > sum * 1e-17 {
    term *= (x / 2 / k) * (x / 2 / k)
    sum += term
    k += 1
  }
  return sum
}
