import Gnomon

let secondDerivatives: [Workload] = [
  .call(
    "hessian_100",
    [
      Hashed.fill([100], 77, -1, 1), Hashed.glorot([100, 100], 75),
      Hashed.fill([100], 76, -0.5, 0.5),
    ]
  ) { x in
    [hessian(of: sum(tanh(matmul(x[0], x[1]) + x[2])), withRespectTo: x[0])]
  },
  .call(
    "jacobian_64",
    [
      Hashed.fill([64], 82, -1, 1), Hashed.glorot([64, 128], 78),
      Hashed.fill([128], 79, -0.5, 0.5), Hashed.glorot([128, 64], 80),
      Hashed.fill([64], 81, -0.5, 0.5),
    ]
  ) { x in
    [jacobian(of: matmul(tanh(matmul(x[0], x[1]) + x[2]), x[3]) + x[4], withRespectTo: x[0])]
  },
]
