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
/// keeps them itself, for each thread its own: that takes a tenth of the time of posix_memalign, which
/// has no such store. They begin at the next boundary of 64 bytes, behind the address to free.
///
/// Buffers in huge pages do not all begin at a boundary of one. See Note [Addresses of huge buffers].
final class Recycler: @unchecked Sendable {
  private static let shared = Recycler()

  private static let smallest = 1 << 16
  /// At most this much idle memory is kept.
  private static let limit = 1 << 30

  private let lock = NSLock()
  private var idle: [Int: [UnsafeMutableRawPointer]] = [:]
  private var held = 0
  /// How many huge buffers were made.
  private var huge = 0

  /// The capacity that serves `n` bytes: a whole number of pages, in steps of an eighth of a
  /// power of two, so that a buffer fits requests at most 12 % smaller.
  private static func capacity(_ n: Int) -> Int {
    if n < smallest { return (max(n, 1) + 63) & ~63 }
    let step = max(4096, (1 << (Int.bitWidth - 1 - n.leadingZeroBitCount)) / 8)
    return (n + step - 1) / step * step
  }

  /// Memory on a boundary of 64 bytes, at least 64 of them; it is given back with the same number.
  static func take(_ n: Int) -> UnsafeMutableRawPointer {
    let capacity = capacity(n)
    return capacity < smallest ? takeSmall(capacity) : shared.takeLarge(capacity)
  }

  static func give(_ pointer: UnsafeMutableRawPointer, _ n: Int) {
    let capacity = capacity(n)
    if capacity < smallest {
      free((pointer - header).load(as: UnsafeMutableRawPointer.self))
    } else {
      shared.giveLarge(pointer, capacity)
    }
  }

  // MARK: - Small buffers

  /// The bytes before a small buffer, of which the last eight hold what to free.
  private static let header = MemoryLayout<UnsafeMutableRawPointer>.size

  private static func takeSmall(_ capacity: Int) -> UnsafeMutableRawPointer {
    // malloc's addresses are multiples of 16, so that before the next multiple of 64 are 16 bytes.
    guard let base = malloc(capacity + 64) else { outOfMemory(capacity) }
    let pointer = UnsafeMutableRawPointer(bitPattern: (UInt(bitPattern: base) + 64) & ~63)
      .unsafelyUnwrapped
    (pointer - header).storeBytes(of: base, as: UnsafeMutableRawPointer.self)
    return pointer
  }

  // MARK: - Large buffers

  private func takeLarge(_ capacity: Int) -> UnsafeMutableRawPointer {
    lock.lock()
    if let pointer = idle[capacity]?.popLast() {
      held -= capacity
      lock.unlock()
      return pointer
    }
    if capacity >= Self.hugeBytes { huge += 1 }
    let offset = capacity >= Self.hugeBytes ? huge % Self.places * Self.placeBytes : 0
    lock.unlock()
    var base: UnsafeMutableRawPointer?
    let alignment = capacity >= Self.hugeBytes ? Self.hugePage : 64
    guard posix_memalign(&base, alignment, capacity + offset) == 0, let base else {
      Self.outOfMemory(capacity)
    }
    #if os(Linux)
      if capacity >= Self.hugeBytes { madvise(base, capacity + offset, MADV_HUGEPAGE) }
    #endif
    return base + offset
  }

  private func giveLarge(_ pointer: UnsafeMutableRawPointer, _ capacity: Int) {
    lock.lock()
    let keeps = held + capacity <= Self.limit
    if keeps {
      idle[capacity, default: []].append(pointer)
      held += capacity
    }
    lock.unlock()
    guard !keeps else { return }
    let offset = capacity >= Self.hugeBytes ? Int(bitPattern: pointer) % Self.hugePage : 0
    free(pointer - offset)
  }

  // Note [Addresses of huge buffers]
  // Processors compare the lower 20 bits or so of addresses to tell whether a load reads what an earlier
  // store has yet to write, and make it wait if it seems so. Two buffers at boundaries of huge pages agree in
  // all of them, row by row: with masked stores, whose vector reaches into the next row, each row of a
  // softmax over rows of 7 waited for the one before (46 ms for 571,428 rows on one thread; 12 ms where
  // the buffers begin 512 bytes apart or more, 20 with 128). So huge buffers begin at places that are
  // more than a page apart, and neighbours by more than 512 bytes modulo a page.

  /// From here on buffers lie in huge pages, where the system has them.
  private static let hugeBytes = 1 << 22
  private static let hugePage = 1 << 21
  private static let places = 16
  private static let placeBytes = 4096 + 576

  private static func outOfMemory(_ capacity: Int) -> Never {
    fatalError("out of memory: \(capacity) bytes for a tensor")
  }
}
