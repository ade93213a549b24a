internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

// Where a mistake is reported: at the user's operator or call, in whatever way the optimizer has
// turned the functions around it inside out.

let placeCases: [Case] = [
  Case("place/tail-operator") { addBias(batch(), bias()) },
  Case("place/tail-call") { project(batch(), weights()) },
  Case("place/tail-method") { rows(of: batch()) },
  Case("place/tail-unary") { logarithm(of: labels()) },
  Case("place/tail-derived") { rectified(flags()) },
  Case("place/tail-subscript") { pastTheEnd(weights()) },
  Case("place/tail-in-both-branches") { [either(true), either(false)] },
  Case("place/dynamic-dispatch") { (layers() as [any Module]).map { $0.call(batch()) } },
  Case("place/class-dispatch") { (blocks() as [Block]).map { $0.call(batch()) } },
  Case("place/closure") { [1, 2].map { _ in batch() + bias() } },
  Case("place/stored-closure") { activation(batch()) },
  Case("place/escaping-closure") { twice { $0 + bias() }(batch()) },
  Case("place/operators-on-a-line") { [product(), sums(), difference()] },
  Case("place/three-deep") { outermost(batch()) },
  Case("place/generic") { generic(batch(), with: Shift()) },
  Case("place/several-mistakes") { severalMistakes() },
  Case("place/loop") { loop() },
  Case("place/computed-property") { Affine().output },
  Case("place/throwing") { try checked(batch()) },
  Case("place/unicode-line") { unicodeLine() },
  Case("place/long-line") { longLine() },
  Case("place/tab") { tabbed() },
]

func batch() -> Expr { Expr.input("x", .float32, ["batch", 784]) }
func bias() -> Expr { Expr.variable("b", .zeros(.float32, [10])) }
func weights() -> Expr { Expr.variable("w", .zeros(.float32, [785, 10])) }
func labels() -> Expr { Expr.input("labels", .int32, ["batch"]) }
func flags() -> Expr { Expr.input("flags", .bool, ["batch"]) }

func addBias(_ x: Expr, _ b: Expr) -> Expr {
  return x + b
}

func project(_ x: Expr, _ w: Expr) -> Expr {
  matmul(x, w)
}

func rows(of x: Expr) -> Expr {
  x.reshaped(["batch", 28, 27])
}

func logarithm(of x: Expr) -> Expr {
  log(x)
}

func rectified(_ x: Expr) -> Expr {
  relu(x)
}

func pastTheEnd(_ w: Expr) -> Expr {
  w[785]
}

@inline(never) func either(_ left: Bool) -> Expr {
  let (x, b) = (batch(), bias())
  if left {
    return x + b
  } else {
    return x * b
  }
}

protocol Module {
  func call(_ x: Expr) -> Expr
}

struct Dense: Module {
  func call(_ x: Expr) -> Expr { matmul(x, weights()) }
}

struct Bias: Module {
  func call(_ x: Expr) -> Expr {
    x + bias()
  }
}

@inline(never) func layers() -> [any Module] { [Dense(), Bias()] }

class Block {
  func call(_ x: Expr) -> Expr { x }
}

final class Scaled: Block {
  override func call(_ x: Expr) -> Expr {
    bias() * x
  }
}

@inline(never) func blocks() -> [Block] { [Scaled()] }

let activation: @Sendable (Expr) -> Expr = { x in
  x - bias()
}

@inline(never) func twice(_ f: @escaping (Expr) -> Expr) -> (Expr) -> Expr { { f(f($0)) } }

func product() -> Expr {
  let (x, b) = (batch(), bias())
  return exp(x) + 2 * (x * b) - 1
}

func sums() -> Expr {
  let (x, b) = (batch(), bias())
  return (x + b) / tanh(x) + sum(x)
}

func difference() -> Expr {
  let (x, b) = (batch(), bias())
  return tanh(x) + exp(x) * (sum(x) - x / b)
}

func outermost(_ x: Expr) -> Expr { middle(x) }
func middle(_ x: Expr) -> Expr { innermost(exp(x)) }
func innermost(_ x: Expr) -> Expr {
  let b = bias()
  return x * b
}

protocol Transformation {
  func apply(_ x: Expr) -> Expr
}

struct Shift: Transformation {
  func apply(_ x: Expr) -> Expr { x + bias() }
}

func generic<T: Transformation>(_ x: Expr, with t: T) -> Expr { t.apply(x) }

func severalMistakes() -> [Expr] {
  let x = batch()
  let first = x + bias()
  let second = matmul(x, weights())
  return [first + second, x + labels()]
}

func loop() -> Expr {
  var x = batch()
  for size in [784, 784, 12] {
    x = x * Expr.variable("gain", .zeros(.float32, [size]))
  }
  return x
}

struct Affine {
  var output: Expr { batch() + bias() }
}

func checked(_ x: Expr) throws -> Expr {
  try Result<Expr, any Error>.success(x).map { $0 + bias() }.get()
}

func unicodeLine() -> Expr {
  let 数值 = batch(), émphase = bias()
  return /* 数值 + é */ 数值 + émphase
}

func longLine() -> Expr {
  let x = batch(), b = bias()
  return exp(tanh(exp(tanh(exp(tanh(exp(tanh(exp(tanh(exp(tanh(x)))))))))))) + tanh(exp(tanh(exp(tanh(x + b))))) + tanh(exp(tanh(x)))
}

func tabbed() -> Expr {
	let b = bias()
	return batch()	+	b
}
