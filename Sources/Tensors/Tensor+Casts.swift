extension Tensor {
  /// The same values as another dtype.
  ///
  /// To a float: the nearest value, ties to even, rounded once. From a float to an integer: cut
  /// towards zero and saturated, NaN gives 0. Between integers: cut to the width (modulo 2^n). To
  /// `bool`: whether the value is not 0.
  public func cast(to target: DType) -> Tensor {
    if target == dtype { return self }
    let result = Tensor(uninitialized: target, shape)
    let pointer = result.storage.pointer
    let from = dtype.stored
    let to = target.stored
    let integral = !dtype.isFloat && !target.isFloat
    withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      if integral {
        chunked(of: Int64.self) { at, n, chunk in
          from.read(source + at * dtype.byteCount, into: chunk, n)
          to.write(chunk, into: pointer + at * target.byteCount, n)
        }
      } else {
        chunked(of: Double.self) { at, n, chunk in
          if target == .float64 {
            from.read(source + at * dtype.byteCount, into: chunk, n)
          } else {
            from.readOdd(source + at * dtype.byteCount, into: chunk, n)
          }
          to.write(chunk, into: pointer + at * target.byteCount, n)
        }
      }
    }
    return result
  }

  /// Passes over the elements in pieces that stay in the first-level cache.
  private func chunked<T>(
    of: T.Type, _ body: (_ at: Int, _ count: Int, _ chunk: UnsafeMutablePointer<T>) -> Void
  ) {
    let size = 1024
    withUnsafeTemporaryAllocation(of: T.self, capacity: size) { chunk in
      guard let start = chunk.baseAddress else { return }
      var at = 0
      while at < elementCount {
        let n = min(size, elementCount - at)
        body(at, n, start)
        at += n
      }
    }
  }
}
