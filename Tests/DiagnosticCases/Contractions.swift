internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

// Products of matrices and their kin.

let contractionCases: [Case] = [
  Case("matmul/inner-sizes") {
    let x = Expr.input("x", .float32, ["batch", 784])
    let w = Expr.variable("w", .zeros(.float32, [785, 10]))
    let b = Expr.variable("b", .zeros(.float32, [10]))
    return matmul(x, w) + b
  },
  Case("matmul/transpose-right") {
    let W_p = Expr.variable("W_p", .zeros(.float32, [5, 16]))
    let X = Expr.input("X", .float32, [30, 16])
    return matmul(W_p, X)
  },
  Case("matmul/transpose-left") {
    let x = Expr.input("x", .float32, [784, 64])
    let w = Expr.variable("w", .zeros(.float32, [784, 10]))
    return matmul(x, w)
  },
  Case("matmul/computed-operand") {
    let x = Expr.input("x", .float32, ["batch", 784])
    let w = Expr.variable("w", .zeros(.float32, [10, 784]))
    return matmul(tanh(x), exp(w))
  },
  Case("matmul/scalar") {
    let x = Expr.input("x", .float32, ["batch", 784])
    let rate = Expr.input("rate", .float32, [])
    return matmul(x, rate)
  },
  Case("matmul/batch-axes") {
    let x = Expr.input("x", .float32, [6, 4, 5])
    let y = Expr.input("y", .float32, [7, 5, 3])
    return matmul(x, y)
  },
  Case("matmul/dtypes") {
    let x = Expr.input("x", .float32, ["batch", 784])
    let w = Expr.variable("w", .zeros(.float64, [784, 10]))
    return matmul(x, w)
  },
  Case("dot/sizes") {
    let a = Expr.input("a", .float32, [3])
    let b = Expr.input("b", .float32, [4])
    return dot(a, b)
  },
  Case("outer/ranks") {
    let a = Expr.input("a", .float32, [3])
    let m = Expr.input("m", .float32, [4, 5])
    return tensordot(a, m, axes: 2)
  },
  Case("einsum/malformed") {
    let a = Expr.input("a", .float32, [3, 4])
    let b = Expr.input("b", .float32, [4, 5])
    return einsum("ij,j!->ik", a, b)
  },
  Case("einsum/operands") {
    let a = Expr.input("a", .float32, [3, 4])
    return einsum("ij,jk->ik", a)
  },
  Case("einsum/rank") {
    let a = Expr.input("a", .float32, [3, 4])
    let b = Expr.input("b", .float32, [4])
    return einsum("ij,jk->ik", a, b)
  },
  Case("einsum/sizes") {
    let a = Expr.input("a", .float32, [3, 4])
    let b = Expr.input("b", .float32, [5, 6])
    return einsum("ij,jk->ik", a, b)
  },
  Case("einsum/unknown-result") {
    let a = Expr.input("a", .float32, [3, 4])
    return einsum("ij->ik", a)
  },
]
