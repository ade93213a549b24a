internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

// Dtypes, broadcasting, literals.

let operandCases: [Case] = [
  Case("dtype/mismatch") {
    let x = Expr.input("x", .float32, ["batch", 784])
    let count = Expr.input("count", .int32, [])
    return x * count
  },
  Case("dtype/mismatch-second") {
    let n = Expr.input("n", .int8, ["batch"])
    let y = Expr.input("y", .float64, ["batch"])
    return n - y
  },
  Case("dtype/float-function-of-integers") {
    let n = Expr.input("n", .int32, ["batch"])
    return sqrt(n)
  },
  Case("dtype/arithmetic-on-bools") {
    let mask = Expr.input("mask", .bool, ["batch"])
    return mask + mask
  },
  Case("dtype/logic-on-floats") {
    let x = Expr.input("x", .float32, ["batch"])
    let mask = Expr.input("mask", .bool, ["batch"])
    return mask .& x
  },
  Case("dtype/select-condition") {
    let x = Expr.input("x", .float32, ["batch"])
    return select(x, x, 0)
  },
  Case("dtype/select-values") {
    let x = Expr.input("x", .float32, ["batch"])
    let n = Expr.input("n", .int32, ["batch"])
    return select(x .> 0, x, n)
  },
  Case("dtype/derived-function") {
    let n = Expr.input("n", .int32, ["batch"])
    return gelu(n)
  },
  Case("literal/fraction-of-integers") {
    let n = Expr.input("n", .int32, ["batch"])
    return n * 0.5
  },
  Case("literal/infinite") {
    let n = Expr.input("n", .int64, ["batch"])
    return minimum(n, Expr(.infinity))
  },
  Case("broadcast/sizes") {
    let x = Expr.input("x", .float32, ["batch", 784])
    let b = Expr.variable("b", .zeros(.float32, [10]))
    return x + b
  },
  Case("broadcast/rows-need-expanding") {
    let x = Expr.input("x", .float32, [64, 784])
    let norm = Expr.input("norm", .float32, [64])
    return x / norm
  },
  Case("broadcast/transposed") {
    let a = Expr.input("a", .float32, [3, 4])
    let b = Expr.input("b", .float32, [4, 3])
    return a - b
  },
  Case("broadcast/two-names") {
    let x = Expr.input("x", .float32, ["batch", 10])
    let y = Expr.input("y", .float32, ["samples", 10])
    return x - y
  },
  Case("broadcast/computed-operand") {
    let x = Expr.input("x", .float32, [32, 4, 6])
    let pooled = mean(x, axes: 1)
    return x * pooled
  },
  Case("broadcast/formula") {
    let x = Expr.input("x", .float32, ["n"])
    let y = Expr.input("y", .float32, ["n + 1"])
    return x * y
  },
  Case("broadcast/to-smaller-rank") {
    let x = Expr.input("x", .float32, ["batch", 10])
    return x.broadcast(to: [10])
  },
  Case("broadcast/to-another-size") {
    let b = Expr.variable("b", .zeros(.float32, [10]))
    return b.broadcast(to: ["batch", 12])
  },
  Case("broadcast/chain-reports-once") {
    let x = Expr.input("x", .float32, [3])
    let y = Expr.input("y", .float32, [4])
    let bad = x + y
    return [exp(bad), tanh(bad) + 1, sum(bad * bad)]
  },
  Case("names/strange") {
    let x = Expr.input("a \"name\" */ with\nnewline % and \u{202E}controls", .float32, [3])
    let y = Expr.input("名前", .float32, ["größe\n", 4])
    return x + y
  },
  Case("branch/condition") {
    let x = Expr.input("x", .float32, ["batch"])
    return branch(x .> 0, then: { exp(x) }, else: { x })
  },
  Case("branch/different-results") {
    let x = Expr.input("x", .float32, ["batch"])
    return branch(sum(x) .> 0, then: { exp(x) }, else: { sum(x) })
  },
]
