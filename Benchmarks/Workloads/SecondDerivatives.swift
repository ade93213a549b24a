import Gnomon

// Row i of a matrix of derivatives comes from row i of a batch of equal points: the rows do not
// meet, so one gradient of the sum over i of component i at row i has them all.
let secondDerivatives: [Workload] = [
  .call(
    "hessian_100",
    [
      Hashed.fill([100], 77, -1, 1), Hashed.glorot([100, 100], 75),
      Hashed.fill([100], 76, -0.5, 0.5),
    ]
  ) { x in
    let points = x[0].broadcast(to: [100, 100])
    let slopes = gradient(of: sum(tanh(matmul(points, x[1]) + x[2])), withRespectTo: points)
    return [gradient(of: sum(slopes * .eye(100)), withRespectTo: points)]
  },
  .call(
    "jacobian_64",
    [
      Hashed.fill([64], 82, -1, 1), Hashed.glorot([64, 128], 78),
      Hashed.fill([128], 79, -0.5, 0.5), Hashed.glorot([128, 64], 80),
      Hashed.fill([64], 81, -0.5, 0.5),
    ]
  ) { x in
    let points = x[0].broadcast(to: [64, 64])
    let values = matmul(tanh(matmul(points, x[1]) + x[2]), x[3]) + x[4]
    return [gradient(of: sum(values * .eye(64)), withRespectTo: points)]
  },
]
