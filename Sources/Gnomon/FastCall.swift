internal import GnomonIR
internal import GnomonKernels
internal import GnomonTensors

/// The short way through a call: every argument against one line of a table, its buffer to its place on
/// the stack, nothing allocated but the result.
///
/// It serves functions of tensors of up to four axes and up to four named dimensions, with one output,
/// without variables, constants or sizes that are formulas; all others take
/// `CompiledFunction.outputs`, and so does every call that something is wrong with, which then says
/// what.
///
/// It consists of plain values: a reference to an object would be retained and released in each call,
/// which takes as long as all else. So the function that has it keeps the native code alive and ends
/// it by `deallocate()`.
struct FastCall: @unchecked Sendable {  // the table is only read
  /// What an argument must be, or what the result is.
  private struct Value {
    let dtype: DType
    let rank: Int
    /// The sizes that are constant; 0 elsewhere.
    var sizes: SIMD4<Int> = .zero
    /// All ones where `sizes` must be met, the lanes beyond the rank among them, which hold 0.
    var isFixed = SIMD4<Int>(repeating: -1)
    /// For each axis the number of its named dimension, and the axes from which those have their values.
    var names: SIMD4<Int> = .zero
    var binding: SIMD4<Int> = .zero
    var hasNames = false

    init?(_ value: Signature.Value) {
      guard value.sizes.count <= 4 else { return nil }
      dtype = value.dtype
      rank = value.sizes.count
      for (axis, size) in value.sizes.enumerated() {
        switch size {
        case .constant(let n): sizes[axis] = n
        case .name(let k, let binds):
          isFixed[axis] = 0
          names[axis] = k
          binding[axis] = binds ? 1 : 0
          hasNames = true
        case .formula: return nil
        }
      }
    }
  }

  /// A call on its way: the buffers, of arguments and result, and the values of the names.
  struct Frame {
    fileprivate typealias Buffers = (
      UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?,
      UnsafeMutableRawPointer?
    )
    fileprivate var buffers: Buffers = (nil, nil, nil, nil)
    fileprivate var sizes: SIMD4<Int> = .zero

    @inline(__always)
    fileprivate mutating func place(_ tensor: borrowing Tensor, _ i: Int) {
      let pointer: UnsafeMutableRawPointer? = tensor.storage.pointer
      withUnsafeMutableBytes(of: &buffers) {
        $0.storeBytes(
          of: pointer, toByteOffset: i * MemoryLayout<Int>.stride,
          as: UnsafeMutableRawPointer?.self)
      }
    }
  }

  private let native: Unmanaged<NativeEntry>
  /// The arguments' lines, and behind them the result's.
  private let table: UnsafeMutablePointer<Value>
  private let count: Int
  private static let maximumCount = 3

  init?(_ native: NativeEntry, _ signature: Signature, _ program: Program) {
    guard !signature.hasFormulas, signature.requirements.isEmpty, signature.outputs.count == 1,
      signature.inputs.count <= Self.maximumCount, signature.names.count <= 4,
      program.variableTypes.isEmpty, program.constants.isEmpty
    else { return nil }
    let values = (signature.inputs + signature.outputs).compactMap(Value.init)
    guard values.count == signature.inputs.count + 1 else { return nil }
    self.native = .passUnretained(native)
    count = signature.inputs.count
    table = .allocate(capacity: values.count)
    _ = UnsafeMutableBufferPointer(start: table, count: values.count).initialize(from: values)
  }

  func deallocate() { table.deallocate() }

  /// The frame of a call with so many arguments; nil if that is not their number.
  @inline(__always)
  func frame(_ count: Int) -> Frame? { self.count == count ? Frame() : nil }

  /// Takes the next argument; false if it does not fit. They must come in order, as a name is bound by
  /// the first axis that has it.
  @inline(__always)
  func takes(_ tensor: borrowing Tensor, _ i: Int, _ frame: inout Frame) -> Bool {
    guard Self.fits(tensor, table[i], &frame.sizes) else { return false }
    frame.place(tensor, i)
    return true
  }

  /// A tensor for the result; nil if it would be too large.
  @inline(__always)
  func result(_ frame: borrowing Frame) -> Tensor? {
    let output = table[count]
    var sizes = output.sizes
    var elements = 1
    for axis in 0..<output.rank {
      if output.isFixed[axis] == 0 { sizes[axis] = frame.sizes[output.names[axis]] }
      let (product, overflow) = elements.multipliedReportingOverflow(by: sizes[axis])
      guard !overflow, product < 1 << 42 else { return nil }
      elements = product
    }
    return Tensor(uninitialized: output.dtype, Shape(inline: sizes, count: output.rank))
  }

  /// Whether the result can be written where this tensor lies.
  @inline(__always)
  func takes(result: inout Tensor, _ frame: inout Frame) -> Bool {
    Self.fits(result, table[count], &frame.sizes) && result.isUnique
  }

  /// Runs; the arguments must live until it returns.
  @inline(__always)
  func run(_ frame: inout Frame, _ result: borrowing Tensor) throws {
    frame.place(result, count)
    try withUnsafeBytes(of: &frame.buffers) { buffers in
      try withUnsafeBytes(of: &frame.sizes) { sizes in
        try native._withUnsafeGuaranteedRef {
          try $0.call(
            buffers.baseAddress.unsafelyUnwrapped.assumingMemoryBound(
              to: UnsafeMutableRawPointer?.self),
            sizes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Int.self))
        }
      }
    }
  }

  @inline(__always)
  private static func fits(
    _ tensor: borrowing Tensor, _ value: Value, _ names: inout SIMD4<Int>
  ) -> Bool {
    guard tensor.dtype == value.dtype, tensor.shape.count == value.rank else { return false }
    let sizes = tensor.shape.inline
    guard (sizes ^ value.sizes) & value.isFixed == .zero else { return false }
    guard value.hasNames else { return true }
    for axis in 0..<value.rank where value.isFixed[axis] == 0 {
      let name = value.names[axis]
      if value.binding[axis] != 0 {
        names[name] = sizes[axis]
      } else if names[name] != sizes[axis] {
        return false
      }
    }
    return true
  }
}
