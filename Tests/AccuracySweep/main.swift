// Measures the largest error of float32 functions of one argument over all 2^32 arguments, as compiled, and
// writes it to IR/float32-accuracy.tsv, of which IR/operations.md is made: `make sweep`.
//
//     accuracy-sweep [--every N] [op ...]       every N-th block of 2^20 neighbours; all ops by default
//
// The truth is the C library's function in double precision. Of a function that it lacks it is our own in
// float64, which the conformance tests hold to SciPy and mpmath.
import AccuracyReference
import Foundation
import Gnomon
import GnomonIR
import GnomonOperations
import GnomonTensors

let block = 1 << 20

/// One line of the table.
struct Measured {
  var error: Double
  var argument: UInt32
  var every: Int
  var line: String {
    let x = Float(bitPattern: argument)
    let place = x.isFinite ? String(format: "%a", Double(x)) : "\(x)"
    return String(format: "%.4f", error) + "\t\(place)\t\(every)"
  }
}

/// The function with this name, of the arguments whose bits start at an input.
func program(_ op: any UnaryFloatOp.Type, _ dtype: DType) throws -> CompiledFunction {
  let text = """
    func @f(%x: \(dtype)[]) -> \(dtype)[] {
      %0 = \(op.mnemonic) %x : \(dtype)[]
      return %0
    }
    """
  let short = text.replacing("float", with: "f")
  let graph = try Graph(parsing: short, operations: operationTable)
  guard let instance = graph.instructions.first?.op else {
    throw InternalError("no instruction in \(short)")
  }
  let start = Expr.input("start", .uint32, [])
  let patterns = Expr.iota(Dim(block), .uint32) + start
  let x = patterns.bitcast(to: .float32).cast(to: dtype)
  let y = Expr.make(instance, [x], at: .here())
  return try compile(inputs: [start], outputs: [y], options: CompileOptions(threads: 1))
}

func measure(_ op: any UnaryFloatOp.Type, every: Int) throws -> Measured {
  let single = try program(op, .float32)
  let hasReference = accuracy_has_reference(op.mnemonic) != 0
  let double = hasReference ? nil : try program(op, .float64)
  var worst = 0.0
  var at: UInt32 = 0
  for first in stride(from: 0, to: 1 << 32, by: block * every) {
    let start = Tensor(dtype: .uint32, shape: [], integers: [Int64(first)])
    let y = try single(start)
    let truth = try double?(start)
    y.withUnsafeBytes { y in
      func compare(_ truth: UnsafePointer<Double>?) {
        worst = accuracy_worst(
          op.mnemonic, UInt32(first), Int64(block),
          y.baseAddress!.assumingMemoryBound(to: Float.self),
          truth, op.accuracy.near, worst, &at)
      }
      guard let truth else { return compare(nil) }
      truth.withUnsafeBytes { compare($0.baseAddress!.assumingMemoryBound(to: Double.self)) }
    }
  }
  return Measured(error: worst, argument: at, every: every)
}

var arguments = Array(CommandLine.arguments.dropFirst())
var every = 1
if let i = arguments.firstIndex(of: "--every"), i + 1 < arguments.count {
  every = max(Int(arguments[i + 1]) ?? 1, 1)
  arguments.removeSubrange(i...(i + 1))
}
let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appending(path: "IR/float32-accuracy.tsv")
for type in operationTable {
  guard let op = type as? any UnaryFloatOp.Type,
    arguments.isEmpty || arguments.contains(op.mnemonic)
  else { continue }
  let clock = ContinuousClock()
  let start = clock.now
  let measured = try measure(op, every: every)
  print(op.mnemonic, measured.line, "\((clock.now - start).components.seconds) s", separator: "\t")
  fflush(nil)
  // After each, so that a sweep that is stopped has not run for nothing.
  var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  lines.removeAll { $0.hasPrefix("\(op.mnemonic)\t") }
  lines.append("\(op.mnemonic)\t\(measured.line)")
  let head = lines.filter { $0.hasPrefix("#") }
  let text = (head + lines.filter { !$0.hasPrefix("#") }.sorted()).joined(separator: "\n") + "\n"
  try text.write(to: file, atomically: true, encoding: .utf8)
}
