internal import GnomonScalars
package import GnomonTensors

/// A scalar of an exact dtype and bits; text like `1.5:f32`.
package struct ScalarValue: Hashable, Sendable, Codable {
  package var dtype: DType
  package var bits: UInt64

  package init(_ dtype: DType, bits: UInt64) {
    self.dtype = dtype
    // All NaNs are one value of the language, so that equal constants have equal bits.
    self.bits =
      dtype.isFloat && ScalarBits.double(bits, dtype).isNaN
      ? ScalarBits.bits(of: .nan, dtype) : bits
  }

  package init(_ value: Double, _ dtype: DType) {
    self.init(dtype, bits: ScalarBits.bits(of: value, dtype))
  }

  package var double: Double { ScalarBits.double(bits, dtype) }

  /// The number without the dtype.
  package var number: String {
    switch dtype {
    case .bool: bits == 0 ? "false" : "true"
    case .uint64: "\(bits)"
    case _ where dtype.isFloat && double.isNaN: "nan"
    case .float64, .float16, .bfloat16: "\(double)"
    case .float32: "\(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))"
    default: "\(Int64(bitPattern: ScalarBits.wrap(bits, dtype)))"
    }
  }

  package var text: String { "\(number):\(dtype.irName)" }

  package init?(text: String) {
    guard let colon = text.lastIndex(of: ":"),
      let dtype = DType(irName: text[text.index(after: colon)...])
    else { return nil }
    let number = String(text[..<colon])
    // A number too large for its dtype is refused; it is not infinity.
    let isSpecial = number.hasSuffix("inf") || number.hasSuffix("nan")
    if dtype == .bool {
      guard number == "true" || number == "false" else { return nil }
      self.init(.bool, bits: number == "true" ? 1 : 0)
    } else if dtype == .float32 {
      guard let f = Float(number), f.isFinite || isSpecial else { return nil }
      self.init(dtype, bits: UInt64(f.bitPattern))
    } else if dtype.isFloat {
      guard let d = Double(number) else { return nil }
      self.init(d, dtype)
      if !double.isFinite && !isSpecial { return nil }
    } else if dtype == .uint64 {
      guard let u = UInt64(number) else { return nil }
      self.init(dtype, bits: u)
    } else {
      guard let i = Int64(number) else { return nil }
      let bits = UInt64(bitPattern: i)
      guard ScalarBits.wrap(bits, dtype) == bits else { return nil }
      self.init(dtype, bits: bits)
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = ScalarValue(text: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not a scalar such as 1.5:f32: \(text)")
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

/// A scalar constant.
package struct Constant: Op {
  package static let mnemonic = "constant"
  package static let summary = "A scalar constant."
  package static let arity = 0...0
  package var value: ScalarValue

  package init(_ value: Double, _ dtype: DType) { self.value = ScalarValue(value, dtype) }
  package init(_ value: ScalarValue) { self.value = value }

  package var facts: Facts { Facts(isFree: true, isCheap: true) }

  package func resultTypes(_ context: inout TypeContext) -> [TensorType] {
    [TensorType(value.dtype, [])]
  }

  package func gradient(_ context: GradientContext) -> [Expr?] { [] }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) -> [Tensor] {
    [Tensor(dtype: value.dtype, shape: [], bits: [value.bits])]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    var b = ScalarBuilder(operands: [])
    let c = b.constant(bits: value.bits, value.dtype)
    return .compute([Computation(axes: [], reads: [], body: b.program(results: [c]))])
  }
}

/// A constant array; equal when shape, dtype and bytes are.
package struct DenseConstant: Op {
  package static let mnemonic = "dense"
  package static let summary = "A constant array."
  package static let arity = 0...0
  package var data: DenseData

  package init(_ tensor: Tensor) { data = DenseData(tensor) }

  package var facts: Facts { Facts(isFree: true) }

  package func resultTypes(_ context: inout TypeContext) -> [TensorType] {
    [TensorType(data.tensor.dtype, data.tensor.shape.map { Dim($0) })]
  }

  package func gradient(_ context: GradientContext) -> [Expr?] { [] }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) -> [Tensor] {
    [data.tensor]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .data(data.tensor)
  }
}

/// The bytes of a constant array as an attribute: `f32[2, 3] "base64…"`.
package struct DenseData: Hashable, Sendable, Codable {
  package let tensor: Tensor
  private let digest: Int

  package init(_ tensor: Tensor) {
    self.tensor = tensor
    digest = tensor.withUnsafeBytes { bytes in
      var h = Hasher()
      h.combine(bytes: bytes)
      return h.finalize()
    }
  }

  package static func == (a: DenseData, b: DenseData) -> Bool {
    guard a.digest == b.digest, a.tensor.dtype == b.tensor.dtype, a.tensor.shape == b.tensor.shape
    else { return false }
    return a.tensor.withUnsafeBytes { x in b.tensor.withUnsafeBytes { y in x.elementsEqual(y) } }
  }

  package func hash(into h: inout Hasher) { h.combine(digest) }
}
