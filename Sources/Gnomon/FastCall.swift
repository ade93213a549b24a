internal import GnomonIR
internal import GnomonKernels
internal import GnomonTensors

/// The short way through a call: checks and buffers from flat tables, nothing allocated but the
/// result. It serves functions of up to four named dimensions with one output, without variables,
/// constants or sizes that are formulas; all others take `CompiledFunction.outputs`.
final class FastCall: Sendable {
  /// One axis of an argument or of the result.
  struct Axis: Sendable {
    enum Kind: Sendable { case constant, binds, compares }
    var argument: Int
    var axis: Int
    var kind: Kind
    /// A size, or the number of a named dimension.
    var value: Int
  }

  private let native: NativeEntry
  private let dtypes: [DType]
  private let ranks: [Int]
  private let axes: [Axis]
  private let outputDType: DType
  private let outputAxes: [Axis]
  static let maximumArguments = 4

  init?(_ native: NativeEntry, _ signature: Signature, _ program: Program) {
    guard !signature.hasFormulas, signature.requirements.isEmpty, signature.outputs.count == 1,
      signature.inputs.count <= Self.maximumArguments, signature.names.count <= 4,
      program.variableTypes.isEmpty, program.constants.isEmpty
    else { return nil }
    self.native = native
    dtypes = signature.inputs.map(\.dtype)
    ranks = signature.inputs.map(\.sizes.count)
    func table(_ value: Signature.Value, _ argument: Int) -> [Axis] {
      value.sizes.enumerated().compactMap { axis, size in
        switch size {
        case .constant(let n): Axis(argument: argument, axis: axis, kind: .constant, value: n)
        case .name(let k, let binds):
          Axis(argument: argument, axis: axis, kind: binds ? .binds : .compares, value: k)
        case .formula: nil
        }
      }
    }
    let all = signature.inputs.enumerated().flatMap { table($1, $0) }
    // Names are bound before they are compared.
    axes = all.filter { $0.kind == .binds } + all.filter { $0.kind != .binds }
    outputDType = signature.outputs[0].dtype
    outputAxes = table(signature.outputs[0], 0)
  }

  /// The result, or nil if something does not fit: the long way then says what.
  @inline(__always)
  func run(_ arguments: UnsafeBufferPointer<Tensor>) throws -> Tensor? {
    guard let sizes = bind(arguments) else { return nil }
    var shape: SIMD4<Int> = .zero
    var count = 1
    for (i, axis) in outputAxes.enumerated() {
      guard i < 4 else { return nil }
      let n = axis.kind == .constant ? axis.value : sizes[axis.value]
      shape[i] = n
      let (product, overflow) = count.multipliedReportingOverflow(by: n)
      guard !overflow, product < 1 << 42 else { return nil }
      count = product
    }
    let result = Tensor(
      uninitialized: outputDType, Shape(inline: shape, count: outputAxes.count))
    try enter(arguments, result, sizes)
    return result
  }

  /// Runs into `result`; false if something does not fit.
  @inline(__always)
  func run(_ arguments: UnsafeBufferPointer<Tensor>, into result: inout Tensor) throws -> Bool {
    guard let sizes = bind(arguments), result.dtype == outputDType,
      result.shape.count == outputAxes.count
    else { return false }
    for (i, axis) in outputAxes.enumerated() {
      let n = axis.kind == .constant ? axis.value : sizes[axis.value]
      guard result.shape[i] == n else { return false }
    }
    guard result.isUnique else { return false }
    try enter(arguments, result, sizes)
    return true
  }

  @inline(__always)
  private func bind(_ arguments: UnsafeBufferPointer<Tensor>) -> SIMD4<Int>? {
    guard arguments.count == dtypes.count else { return nil }
    for i in arguments.indices {
      guard arguments[i].dtype == dtypes[i], arguments[i].shape.count == ranks[i] else {
        return nil
      }
    }
    var sizes: SIMD4<Int> = .zero
    for axis in axes {
      let n = arguments[axis.argument].shape[axis.axis]
      switch axis.kind {
      case .constant: if n != axis.value { return nil }
      case .binds: sizes[axis.value] = n
      case .compares: if n != sizes[axis.value] { return nil }
      }
    }
    return sizes
  }

  @inline(__always)
  private func enter(
    _ arguments: UnsafeBufferPointer<Tensor>, _ result: Tensor, _ sizes: SIMD4<Int>
  ) throws {
    typealias Buffers = (
      UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?,
      UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
    )
    var buffers: Buffers = (nil, nil, nil, nil, nil)
    var sizes = sizes
    try withUnsafeMutablePointer(to: &buffers) {
      try $0.withMemoryRebound(to: UnsafeMutableRawPointer?.self, capacity: 5) { places in
        for i in arguments.indices { places[i] = arguments[i].storage.pointer }
        places[arguments.count] = result.storage.pointer
        try withUnsafePointer(to: &sizes) {
          try $0.withMemoryRebound(to: Int.self, capacity: 4) {
            try native.call(UnsafePointer(places), $0)
          }
        }
      }
    }
  }
}
