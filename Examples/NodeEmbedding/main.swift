// Vectors for the nodes of a graph such that neighbours are recognized: which Python packages of Debian
// depend on each other?
//
//     swift run -c release NodeEmbedding [--quiet | --dump]
import ExampleSupport
import GnomonLayers

/// What the vectors of two nodes have in common: `tanh(angle · W₊ + distance · W₋ + b)`, with the angle
/// feature `u v` and the distance feature `|u - v|`.
final class NodeEmbeddingLayer: Layer {
  let hiddenSize: Int
  private var angleKernel, distanceKernel, bias: Expr!

  init(_ hiddenSize: Int) {
    self.hiddenSize = hiddenSize
    super.init()
  }

  /// - Parameter inputShape: `[batch, embedding size, 2]`.
  override func build(inputShape: [Dim]) {
    let shape = [inputShape[1], Dim(hiddenSize)]
    angleKernel = addWeight("angle_kernel", shape: shape)
    distanceKernel = addWeight("distance_kernel", shape: shape)
    bias = addWeight("bias", shape: [Dim(hiddenSize)], initializer: .zeros)
  }

  override func call(_ x: Expr) -> Expr {
    let (u, v) = (x[.all, .all, 0], x[.all, .all, 1])
    let (angle, distance) = (u * v, abs(u - v))
    return tanh(matmul(angle, angleKernel) + matmul(distance, distanceKernel) + bias)
  }
}

let (edges, tests) = try PackageGraph.load()
let graph = PackageGraph(edges)
// Without the penalty the vectors would learn the edges by heart, and nothing about others.
let embedding = Embedding(
  graph.count, 64, inputLength: 2, embeddingsRegularizer: .l2(1e-3), name: "packages")
let model = Sequential([
  embedding,
  Permute(2, 1),
  NodeEmbeddingLayer(32),
  Dropout(0.25),
  Dense(10),
  Dropout(0.5),
  Dense(1, activation: .sigmoid),
])
try model.compile(optimizer: .adam(), loss: .binaryCrossEntropy, metrics: [.auc()])
print(model.summary())

let clock = Stopwatch()
// Half of the negatives are drawn uniformly, half as often as nodes have neighbours; anew each epoch.
for epoch in 1...5 {
  let (pairs, labels) = graph.examples(negatives: .both, perEdge: 4, seed: UInt64(epoch))
  try model.fit(
    pairs, labels, batchSize: 256, epochs: epoch, callbacks: [clock], initialEpoch: epoch - 1)
}
print(clock)

for kind in PackageGraph.Negatives.measured {
  let (pairs, labels) = graph.examples(of: tests, negatives: kind, perEdge: 1, seed: 1000)
  let scores = try model.evaluate(pairs, labels, verbose: 0)
  print("\(kind.title): ", terminator: "")
  try report("auc", as: "test AUC", scores, of: model)
}
for name in ["python3-numpy", "python3-django", "python3-requests"] {
  let near = try graph.neighbours(of: name, in: embedding.embeddings.value, count: 5)
  print("near \(name): \(near.joined(separator: ", "))")
}
