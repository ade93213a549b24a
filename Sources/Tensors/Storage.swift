#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A reference to 64-byte aligned memory, shared between tensors until one of them is written.
///
/// `@unchecked Sendable`: the bytes change only through a unique reference (`Tensor` checks) or
/// inside a compiled function that owns the storage for the call.
public final class Storage: @unchecked Sendable {
  public let pointer: UnsafeMutableRawPointer
  public let byteCount: Int
  /// Whether other storage may refer to the same bytes, so that they must not be written even
  /// through a unique reference.
  public let isAliased: Bool
  private let release: (@Sendable (UnsafeMutableRawPointer) -> Void)?

  /// Fresh memory, not initialized; at least 64 bytes so that a whole vector may be read.
  public init(byteCount: Int) {
    self.byteCount = byteCount
    pointer = Recycler.take(byteCount)
    isAliased = false
    release = nil
  }

  /// Memory owned by someone else; `release` is called when the last tensor lets go of it.
  ///
  /// - Parameter isAliased: whether someone else still reads the memory; a tensor then copies it
  ///   before the first write.
  public init(
    adopting pointer: UnsafeMutableRawPointer, byteCount: Int, isAliased: Bool = false,
    release: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
  ) {
    self.pointer = pointer
    self.byteCount = byteCount
    self.isAliased = isAliased
    self.release = release
  }

  deinit {
    if let release {
      release(pointer)
    } else {
      Recycler.give(pointer, byteCount)
    }
  }
}
