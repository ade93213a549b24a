import Foundation
import GnomonIR
import GnomonTensors

/// Memory whose last byte lies before a page that nobody may touch, and whose first lies soon after
/// another: reading or writing outside ends the process.
final class GuardedMemory {
  private let base: UnsafeMutableRawPointer
  private let mapped: Int
  let byteCount: Int
  let pointer: UnsafeMutableRawPointer

  /// - Parameter isPadded: whether at least 64 bytes may be read, as of every `Storage`, and the
  ///   address is a multiple of 64. A padded piece ends at most 63 bytes before the page.
  init(byteCount: Int, isPadded: Bool = true) throws {
    let page = Int(getpagesize())
    let room = isPadded ? max(64, (byteCount + 63) & ~63) : byteCount
    mapped = (room + page - 1) / page * page + 2 * page
    let memory = mmap(nil, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let memory, memory != MAP_FAILED else { throw InternalError("no memory for a test") }
    base = memory
    let inside = mapped - 2 * page
    guard inside == 0 || mprotect(memory + page, inside, PROT_READ | PROT_WRITE) == 0 else {
      throw InternalError("no memory for a test")
    }
    self.byteCount = byteCount
    pointer = memory + (page + inside - room)
    // What nobody has written must not look like zeros.
    if inside > 0 { memset(memory + page, 0xA5, inside) }
  }

  convenience init(_ tensor: Tensor) throws {
    try self.init(byteCount: tensor.byteCount)
    tensor.withUnsafeBytes {
      if let from = $0.baseAddress { pointer.copyMemory(from: from, byteCount: $0.count) }
    }
  }

  deinit { munmap(base, mapped) }

  func tensor(_ dtype: DType, _ shape: [Int]) -> Tensor {
    var tensor = Tensor(uninitialized: dtype, Shape(shape))
    tensor.withUnsafeMutableBytes {
      if $0.count > 0 { $0.baseAddress!.copyMemory(from: pointer, byteCount: $0.count) }
    }
    return tensor
  }
}
