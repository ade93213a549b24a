/// A Swift type whose values can be the elements of a tensor.
///
/// `Int` is `int64`. There is no Swift type for `bfloat16`: such tensors are made with
/// `Tensor(_:dtype:)` or `cast(to:)` and read through `doubles`.
public protocol TensorElement: BitwiseCopyable, Sendable {
  /// The element type of tensors made from values of this type.
  static var dtype: DType { get }
}

extension Bool: TensorElement { public static var dtype: DType { .bool } }
extension Int8: TensorElement { public static var dtype: DType { .int8 } }
extension Int16: TensorElement { public static var dtype: DType { .int16 } }
extension Int32: TensorElement { public static var dtype: DType { .int32 } }
extension Int64: TensorElement { public static var dtype: DType { .int64 } }
extension Int: TensorElement { public static var dtype: DType { .int64 } }
extension UInt8: TensorElement { public static var dtype: DType { .uint8 } }
extension UInt16: TensorElement { public static var dtype: DType { .uint16 } }
extension UInt32: TensorElement { public static var dtype: DType { .uint32 } }
extension UInt64: TensorElement { public static var dtype: DType { .uint64 } }
extension UInt: TensorElement { public static var dtype: DType { .uint64 } }
extension Float: TensorElement { public static var dtype: DType { .float32 } }
extension Double: TensorElement { public static var dtype: DType { .float64 } }
#if !(os(macOS) && arch(x86_64))
  extension Float16: TensorElement { public static var dtype: DType { .float16 } }
#endif
