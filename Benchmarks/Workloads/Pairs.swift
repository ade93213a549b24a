import Gnomon

let pairs: [Workload] = [
  .call("pairmin_2048x16", [17, 18].map { Hashed.fill([2048, 16], $0, -1, 1) }) { x in
    let d = x[0].expanded(axis: 1) - x[1].expanded(axis: 0)
    return [min(sum(square(d), axes: 2), axes: 1)]
  },
  .call(
    "nbody_4096",
    [
      Hashed.fill([4096, 3], 19, -1, 1), Hashed.fill([4096, 3], 20, -0.1, 0.1),
      Hashed.fill([4096], 21, 0.5, 1.5),
    ]
  ) { x in
    let (p, v, m) = (x[0], x[1], x[2])
    let d = p.expanded(axis: 0) - p.expanded(axis: 1)
    let r2 = sum(d * d, axes: 2) + 1e-4
    let weights = m * r2 ** -1.5
    let v1 = v + 1e-3 * sum(weights.expanded(axis: 2) * d, axes: 1)
    return [p + 1e-3 * v1, v1]
  },
]
