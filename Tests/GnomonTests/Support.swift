import Foundation
import GnomonIR
import GnomonNative
import GnomonTensors

/// A cache of the tests' own, so that they find nothing compiled and leave nothing behind.
let testCacheFolder: String = {
  let url = FileManager.default.temporaryDirectory
    .appendingPathComponent("gnomon-tests-\(getpid())")
  try? FileManager.default.createDirectory(
    at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  atexit { try? FileManager.default.removeItem(atPath: testCacheFolder) }
  return url.path
}()

let testEnvironment = NativeEnvironment(overriding: ["GNOMON_CACHE_DIR": testCacheFolder])

/// Points everything that this process compiles at the tests' own cache.
let usesOwnCache: Bool = setenv("GNOMON_CACHE_DIR", testCacheFolder, 1) == 0

/// Whether two elements are the same bits; all NaNs are one.
func sameBits(_ a: Tensor, _ b: Tensor) -> Bool {
  guard a.dtype == b.dtype, a.shape == b.shape else { return false }
  if a.identical(to: b) { return true }
  guard a.dtype.isFloat else { return false }
  return zip(zip(a.bits, b.bits), zip(a.doubles, b.doubles)).allSatisfy { bits, values in
    bits.0 == bits.1 || (values.0.isNaN && values.1.isNaN)
  }
}

/// The first element in which tensors that should be the same bits differ.
func firstDifference(_ a: Tensor, _ b: Tensor) -> String {
  guard a.dtype == b.dtype, a.shape == b.shape else {
    return "\(a.dtype) \(a.shape) and \(b.dtype) \(b.shape)"
  }
  for i in 0..<a.elementCount where a.bits[i] != b.bits[i] {
    let (x, y) = (a.double(at: i), b.double(at: i))
    if a.dtype.isFloat && x.isNaN && y.isNaN { continue }
    return "element \(i) of \(a.dtype) \(a.shape) is \(x), not \(y)"
  }
  return "none"
}
