// Prints, for a thousand calls of compiled functions, how often they asked the heap for memory, for how
// many bytes, and how many they kept. A process of its own: in the tests' process others allocate at
// the same time.
import AllocationCounter
import CRuntime
import Gnomon

func report(_ name: String, _ call: () throws -> Void) rethrows {
  for _ in 0..<20 { try call() }
  let count = allocation_count()
  let bytes = allocation_bytes()
  let heap = gn_heap_bytes()
  for _ in 0..<1000 { try call() }
  let kept = gn_heap_bytes() - heap
  print(name, allocation_count() - count, allocation_bytes() - bytes, kept, separator: ",")
}

let options = CompileOptions(mode: .fast, threads: 2)
let x = Expr.input("x", .float32, ["n", 100])
let w = Expr.variable("w", .normal(.float32, [100, 100], seed: 1))
let p = softmax(matmul(x, w))
let argument = Tensor.normal(.float32, [100, 100], seed: 2)

let predict = try compile(inputs: [x], outputs: [p], options: options)
var result = try predict(argument)
try report("one given output") { try predict(argument, into: &result) }
try report("one output fresh") { _ = try predict(argument) }

let step = try compile(
  inputs: [x], outputs: [p], updates: [w: w * 0.5 + matmul(tanh(x.transposed()), p)],
  options: options)
var results = try step.outputs([argument])
try report("updates and given outputs") { try step.outputs([argument], into: &results) }
try report("updates and outputs fresh") { _ = try step.outputs([argument]) }
