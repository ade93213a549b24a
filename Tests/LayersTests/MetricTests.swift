import GnomonLayers
import Testing

@Suite(.seeded) struct MetricTests {
  static let rows: [Named<Metric>] = [
    Named("accuracy", "column", .accuracy),
    Named("binary_accuracy", "binary", .binaryAccuracy(threshold: 0.4)),
    Named("categorical_accuracy", "onehot", .categoricalAccuracy),
    Named("categorical_accuracy", "onehot", .accuracy),
    Named("sparse_categorical_accuracy", "sparse", .sparseCategoricalAccuracy),
    Named("sparse_categorical_accuracy", "sparse", .accuracy),
    Named("top_k", "onehot", .topKCategoricalAccuracy(k: 2)),
    Named("sparse_top_k", "sparse", .sparseTopKCategoricalAccuracy(k: 3)),
    Named("mean_squared_error", "real", "mse"),
    Named("mean_squared_error/steps", "steps", .meanSquaredError),
    Named("root_mean_squared_error", "real", .rootMeanSquaredError),
    Named("mean_absolute_error", "real", .meanAbsoluteError),
    Named("mean_absolute_percentage_error", "positive", .meanAbsolutePercentageError),
    Named("mean_squared_logarithmic_error", "positive", .meanSquaredLogarithmicError),
    Named("logcosh", "real", .logCoshError),
    Named("cosine_similarity", "real", .cosineSimilarity),
    Named("pearson_correlation", "real", .pearsonCorrelation),
    Named("concordance_correlation", "real", .concordanceCorrelation),
    Named("kl_divergence", "share", .klDivergence),
    Named("poisson", "positive", .poisson),
    Named("hinge", "signs", .hinge),
    Named("squared_hinge", "signs", .squaredHinge),
    Named("categorical_hinge", "onehotlogits", .categoricalHinge),
    Named("binary_crossentropy", "binary", .binaryCrossEntropy()),
    Named("categorical_crossentropy", "onehot", .categoricalCrossEntropy()),
    Named("sparse_categorical_crossentropy", "sparse", .sparseCategoricalCrossEntropy()),
    Named("r2", "real", .r2Score()),
    Named("r2/weighted", "real", .r2Score(aggregation: .varianceWeighted)),
    Named("r2/none", "real", .r2Score(aggregation: .none)),
    Named("r2/adjusted", "real", .r2Score(regressors: 3)),
    Named("true_positives", "binary", .truePositives()),
    Named("true_negatives", "binary", .trueNegatives()),
    Named("false_positives", "binary", .falsePositives(thresholds: [0.2, 0.7])),
    Named(
      "false_negatives", "binary", .falseNegatives(thresholds: [0, 0.25, 0.5, 0.75, 1])),
    Named("precision", "binary", .precision()),
    Named("precision/top", "binary", .precision(topK: 2)),
    Named("precision/class", "binary", .precision(thresholds: [0.3, 0.6], classID: 1)),
    Named("recall", "binary", .recall()),
    Named("recall/top", "binary", .recall(topK: 2, classID: 0)),
    Named("sensitivity_at_specificity", "binary", .sensitivityAtSpecificity(0.4)),
    Named(
      "specificity_at_sensitivity", "binary", .specificityAtSensitivity(0.4, thresholds: 1)),
    Named("precision_at_recall", "binary", .precisionAtRecall(0.6)),
    Named("recall_at_precision", "binary", .recallAtPrecision(0.5)),
    Named("auc", "binary", "AUC"),
    Named("auc/pr", "binary", .auc(curve: .pr)),
    Named(
      "auc/pr_minoring", "binary", .auc(curve: .pr, thresholds: 20, summation: .minoring)),
    Named("auc/majoring", "binary", .auc(thresholds: 7, summation: .majoring)),
    Named("auc/prgain", "binary", .auc(curve: .prGain)),
    Named("auc/labels", "binary", .auc(multiLabel: true)),
    Named(
      "auc/label_weights", "binary", .auc(multiLabel: true, labelWeights: [1, 2, 0.5, 1, 3])),
    Named("auc/logits", "binarylogits", .auc(fromLogits: true)),
    Named("f1", "onehot", .f1Score()),
    Named("f1/micro", "binary", .f1Score(average: .micro, threshold: 0.4)),
    Named("fbeta/macro", "onehot", .fBetaScore(beta: 2, average: .macro)),
    Named("fbeta/weighted", "binary", .fBetaScore(beta: 0.5, average: .weighted, threshold: 0.5)),
    Named("iou", "sparse", .iou(classes: 5, targets: [0, 2, 3], sparsePredictions: false)),
    Named("mean_iou", "sparse", .meanIoU(classes: 5, sparsePredictions: false)),
    Named("binary_iou", "binary", .binaryIoU(threshold: 0.3)),
    Named("one_hot_iou", "onehot", .oneHotIoU(classes: 5, targets: [1, 2])),
    Named("one_hot_mean_iou", "onehot", .oneHotMeanIoU(classes: 5)),
  ]

  @Test(arguments: rows) func `a metric over two batches has Keras' figure`(
    row: Named<Metric>
  ) throws {
    let (targets, predictions) = try Keras.operands(row.kind)
    try check(row.value, row.name, targets, predictions)
  }

  private func check(
    _ metric: Metric, _ name: String, _ targets: Tensor, _ predictions: Tensor
  ) throws {
    let tracker = MetricTracker(
      metric, options: CompileOptions(name: "metric", interpreted: true))
    let weights = try Keras.array("weights")
    for (suffix, weights) in [("value", nil), ("weighted", weights)] {
      guard Keras.arrays["metric/\(name)/\(suffix)"] != nil else { continue }
      tracker.reset()
      for part in [0..<4, 4..<7] {
        try tracker.update(
          targets.rows(part), predictions.rows(part), sampleWeights: weights?.rows(part))
      }
      try Keras.expect(tracker.result(), "metric/\(name)/\(suffix)", rtol: 1e-4)
    }
  }

  @Test func `exact accuracy counts what is equal`() throws {
    let (targets, predictions) = try Keras.operands("binary")
    let rounded = Tensor(predictions.doubles.map { $0.rounded() }, dtype: .float32)
    try check(.exactAccuracy, "exact_accuracy", targets, rounded.reshaped([7, 5]))
  }

  @Test func `an ignored class does not count in the intersection over union`() throws {
    let (targets, predictions) = try Keras.operands("sparse")
    let ignored = try Int(targets.element(at: 0))
    try check(
      .meanIoU(classes: 5, ignoredClass: ignored, sparsePredictions: false), "mean_iou/ignored",
      targets, predictions)
  }

  @Test func `compiled code gathers the same area as the interpreter`() throws {
    let (targets, predictions) = try Keras.operands("binary")
    let tracker = MetricTracker(.auc())
    try tracker.update(targets, predictions)
    try Keras.expect(tracker.result(), "metric/auc/value", rtol: 1e-4)
  }

  @Test func `without batches a figure is 0`() throws {
    #expect(try MetricTracker(.auc()).result().item() == 0)
  }

  @Test func `a name that no metric has is nil`() {
    #expect(Metric.named("acuracy") == nil)
    #expect(Metric.named("AUC")?.name == "auc")
    let short: Metric = "mse"
    #expect(short.name == "mse")
  }
}
