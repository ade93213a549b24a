/// The concrete sizes of a tensor, without an allocation up to rank 4.
public struct Shape: Hashable, Sendable {
  /// Up to four sizes, the other lanes 0; of a higher rank none.
  @usableFromInline package internal(set) var inline: SIMD4<Int>
  @usableFromInline var more: [Int]
  public let count: Int

  @inlinable public init(_ sizes: some Collection<Int>) {
    count = sizes.count
    inline = .zero
    more = []
    if sizes.count > 4 {
      more = Array(sizes)
    } else {
      var at = 0
      for size in sizes {
        inline[at] = size
        at += 1
      }
    }
  }

  /// Up to four sizes, at hand; the other lanes must be 0.
  package init(inline sizes: SIMD4<Int>, count: Int) {
    inline = sizes
    more = []
    self.count = count
  }

  /// The number of elements.
  @inlinable public var elementCount: Int {
    if count <= 4 {
      var n = 1
      for i in 0..<count { n *= inline[i] }
      return n
    }
    return more.reduce(1, *)
  }
}

extension Shape: RandomAccessCollection, ExpressibleByArrayLiteral, CustomStringConvertible {
  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { count }
  @inlinable public subscript(i: Int) -> Int {
    precondition(i >= 0 && i < count, "axis \(i) of a shape of rank \(count)")
    return count <= 4 ? inline[i] : more[i]
  }

  public init(arrayLiteral sizes: Int...) { self.init(sizes) }
  public var description: String { "[\(map { "\($0)" }.joined(separator: ", "))]" }
}
