internal import GnomonTensors

/// The tensors that an exported function brings with it, in one piece of memory.
struct ExportedData {
  private(set) var bytes: [UInt8] = []
  /// Where the initial values of the variables begin.
  private(set) var initial: [Int] = []
  /// For each target, where its constants begin.
  private(set) var constants: [[Int]] = []

  init(initial: [Tensor], constants: [[Tensor]]) {
    self.initial = initial.map { add($0) }
    // Targets have most constants in common.
    var known: [(tensor: Tensor, offset: Int)] = []
    self.constants = constants.map { list in
      list.map { tensor in
        if let old = known.first(where: { $0.tensor.identical(to: tensor) }) { return old.offset }
        known.append((tensor, add(tensor)))
        return known.last!.offset
      }
    }
  }

  /// Appends a tensor at a multiple of 64 bytes, and returns its place.
  private mutating func add(_ tensor: Tensor) -> Int {
    bytes += [UInt8](repeating: 0, count: (64 - bytes.count % 64) % 64)
    let offset = bytes.count
    tensor.withUnsafeBytes { bytes += $0 }
    // Empty ones have a place too.
    if tensor.byteCount == 0 { bytes += [0] }
    return offset
  }

  /// Takes the bytes from a file, as C compilers do not do soon with arrays of millions of numbers.
  func assembly(_ name: String) -> String {
    """
    #if defined(__APPLE__)
    .section __TEXT,__const
    .private_extern _\(name)_data
    .p2align 6
    _\(name)_data:
    #else
    .section .rodata
    .globl \(name)_data
    .hidden \(name)_data
    .p2align 6
    \(name)_data:
    #endif
    .incbin "\(name).data"
    #if defined(__linux__)
    .section .note.GNU-stack, "", %progbits
    #endif

    """
  }
}
