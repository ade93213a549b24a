extension Shape {
  /// The number of elements, or nil if a size is negative or the product overflows.
  package static func elementCount(of sizes: some Collection<Int>) -> Int? {
    // A zero makes the product zero whatever the other sizes are.
    if sizes.contains(where: { $0 < 0 }) { return nil }
    if sizes.contains(0) { return 0 }
    var n = 1
    for size in sizes {
      let (product, overflow) = n.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      n = product
    }
    return n
  }

  /// The number of bytes of a tensor, or nil if a size is negative or the product overflows.
  package static func byteCount(of sizes: some Collection<Int>, _ dtype: DType) -> Int? {
    guard let n = elementCount(of: sizes) else { return nil }
    let (bytes, overflow) = n.multipliedReportingOverflow(by: dtype.byteCount)
    return overflow ? nil : bytes
  }

  /// The shape, after a check that a tensor of it can be addressed.
  package init(checking sizes: some Collection<Int>, _ dtype: DType) throws(TensorError) {
    guard Shape.byteCount(of: sizes, dtype) != nil else {
      throw TensorError.invalidShape(Array(sizes))
    }
    self.init(sizes)
  }
}
