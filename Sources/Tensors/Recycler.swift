internal import Foundation
#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A bounded store of freed large buffers.
///
/// Touching 64 MB of fresh memory costs milliseconds of page faults, so buffers of 64 KiB and more
/// come back here and serve the next request of their size class. Smaller ones go to malloc, which
/// keeps them itself.
final class Recycler: @unchecked Sendable {
  static let shared = Recycler()

  private static let smallest = 1 << 16
  /// At most this much idle memory is kept.
  private static let limit = 1 << 30

  private let lock = NSLock()
  private var free: [Int: [UnsafeMutableRawPointer]] = [:]
  private var held = 0

  /// The capacity that serves `n` bytes: a whole number of pages, in steps of an eighth of a
  /// power of two, so that a buffer fits requests at most 12 % smaller.
  private static func capacity(_ n: Int) -> Int {
    if n < smallest { return (max(n, 1) + 63) & ~63 }
    let step = max(4096, (1 << (Int.bitWidth - 1 - n.leadingZeroBitCount)) / 8)
    return (n + step - 1) / step * step
  }

  func take(_ n: Int) -> UnsafeMutableRawPointer {
    let capacity = Recycler.capacity(n)
    if capacity >= Recycler.smallest {
      lock.lock()
      if let pointer = free[capacity]?.popLast() {
        held -= capacity
        lock.unlock()
        return pointer
      }
      lock.unlock()
    }
    var pointer: UnsafeMutableRawPointer?
    // Large buffers start on a 2 MiB boundary where huge pages can back them.
    let alignment = capacity >= 1 << 22 ? 1 << 21 : 64
    guard posix_memalign(&pointer, alignment, capacity) == 0, let pointer else {
      fatalError("out of memory: \(capacity) bytes for a tensor")
    }
    #if os(Linux)
      if capacity >= 1 << 22 { madvise(pointer, capacity, MADV_HUGEPAGE) }
    #endif
    return pointer
  }

  func give(_ pointer: UnsafeMutableRawPointer, _ n: Int) {
    let capacity = Recycler.capacity(n)
    if capacity >= Recycler.smallest {
      lock.lock()
      if held + capacity <= Recycler.limit {
        free[capacity, default: []].append(pointer)
        held += capacity
        lock.unlock()
        return
      }
      lock.unlock()
    }
    #if canImport(Glibc)
      Glibc.free(pointer)
    #else
      Darwin.free(pointer)
    #endif
  }
}
