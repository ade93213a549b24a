/// A dense row-major array of numbers in host memory, with value semantics.
///
///     let x = Tensor([1, 2, 3] as [Float])            // float32 [3]
///     let m = Tensor([[1, 2], [3, 4]] as [[Double]])  // float64 [2, 2]
///     m.doubles                                       // [1, 2, 3, 4]
///
/// Copies share memory until one is written. The memory is 64-byte aligned.
public struct Tensor: Sendable {
  public let dtype: DType
  public let shape: Shape
  public private(set) var storage: Storage

  /// Wraps storage that already holds the elements.
  public init(dtype: DType, shape: Shape, storage: Storage) {
    precondition(
      storage.byteCount >= shape.elementCount * dtype.byteCount, "storage too small for \(shape)")
    self.dtype = dtype
    self.shape = shape
    self.storage = storage
  }

  /// A tensor whose elements are not yet set; for code that fills every byte at once.
  public init(uninitialized dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
    storage = Storage(byteCount: shape.elementCount * dtype.byteCount)
  }

  public var rank: Int { shape.count }
  public var elementCount: Int { shape.elementCount }
  public var byteCount: Int { shape.elementCount * dtype.byteCount }

  /// Calls `body` with the bytes of the elements in row-major order.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeRawBufferPointer(start: storage.pointer, count: byteCount))
  }

  /// Whether no other tensor shares the memory.
  package mutating func isUniquelyReferenced() -> Bool { isKnownUniquelyReferenced(&storage) }

  /// Calls `body` with the bytes for writing, after a copy if they are shared.
  public mutating func withUnsafeMutableBytes<R>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> R
  ) rethrows -> R {
    if !isUnique {
      let copy = Storage(byteCount: byteCount)
      copy.pointer.copyMemory(from: storage.pointer, byteCount: byteCount)
      storage = copy
    }
    return try body(UnsafeMutableRawBufferPointer(start: storage.pointer, count: byteCount))
  }

  /// Whether this tensor alone refers to its memory, so that it can be written without a copy.
  package var isUnique: Bool {
    mutating get { isKnownUniquelyReferenced(&storage) && !storage.isAliased }
  }
}
