#!/usr/bin/env python3
"""Writes Tests/LayersTests/Data/training.npz: what Keras 3 makes of small losses, metrics, optimizers,
schedules, regularizers and constraints. The tests compare with it.

    KERAS_BACKEND=jax python scripts/make-training-fixtures.py

Needs keras and jax. Run from the root of the repository.
"""
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import constraints, losses, metrics, optimizers, regularizers
from keras.optimizers import schedules

random = np.random.default_rng(5)
out = {}


def f32(x):
    return np.asarray(x, dtype=np.float32)


def keep(name, value):
    out[name] = np.asarray(value)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


# --- Losses: operands by kind, then the value, the value with weights and the gradient of each.
n, c = 7, 5
labels = random.integers(0, c, n).astype(np.int32)
unit = random.standard_normal((n, c))
operands = {
    "real": (f32(random.standard_normal((n, c))), f32(random.standard_normal((n, c)))),
    "positive": (f32(random.random((n, c)) * 3 + 0.1), f32(random.random((n, c)) * 3 + 0.1)),
    "share": (f32(softmax(random.standard_normal((n, c)))), f32(softmax(random.standard_normal((n, c))))),
    "onehot": (f32(np.eye(c)[labels]), f32(softmax(random.standard_normal((n, c)) * 3))),
    "onehotlogits": (f32(np.eye(c)[labels]), f32(random.standard_normal((n, c)) * 3)),
    "sparse": (labels, f32(softmax(random.standard_normal((n, c)) * 3))),
    "sparselogits": (labels, f32(random.standard_normal((n, c)) * 3)),
    "binary": (f32(random.integers(0, 2, (n, c))), f32(random.random((n, c)))),
    "binarylogits": (f32(random.integers(0, 2, (n, c))), f32(random.standard_normal((n, c)) * 3)),
    "column": (f32(random.integers(0, 2, n)), f32(random.random((n, 1)))),
    "signs": (f32(random.integers(0, 2, (n, c)) * 2 - 1), f32(random.standard_normal((n, c)))),
    "unit": (labels, f32(unit / np.linalg.norm(unit, axis=-1, keepdims=True))),
    "steps": (f32(random.standard_normal((n, 3, c))), f32(random.standard_normal((n, 3, c)))),
}
weights = f32(random.random(n) * 2)
keep("weights", weights)
for kind, (t, p) in operands.items():
    keep(f"operands/{kind}/t", t)
    keep(f"operands/{kind}/p", p)

LOSSES = {
    "mean_squared_error": ("real", losses.MeanSquaredError),
    "mean_squared_error/steps": ("steps", losses.MeanSquaredError),
    "mean_squared_error/column": ("column", losses.MeanSquaredError),
    "mean_absolute_error": ("real", losses.MeanAbsoluteError),
    "mean_absolute_percentage_error": ("positive", losses.MeanAbsolutePercentageError),
    "mean_squared_logarithmic_error": ("positive", losses.MeanSquaredLogarithmicError),
    "cosine_similarity": ("real", losses.CosineSimilarity),
    "huber": ("real", losses.Huber),
    "huber/delta": ("real", lambda **k: losses.Huber(delta=0.3, **k)),
    "log_cosh": ("real", losses.LogCosh),
    "poisson": ("positive", losses.Poisson),
    "kl_divergence": ("share", losses.KLDivergence),
    "hinge": ("signs", losses.Hinge),
    "hinge/binary": ("binary", losses.Hinge),
    "squared_hinge": ("signs", losses.SquaredHinge),
    "categorical_hinge": ("onehotlogits", losses.CategoricalHinge),
    "binary_crossentropy": ("binary", losses.BinaryCrossentropy),
    "binary_crossentropy/column": ("column", losses.BinaryCrossentropy),
    "binary_crossentropy/logits": (
        "binarylogits", lambda **k: losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1, **k)),
    "binary_focal": ("binary", losses.BinaryFocalCrossentropy),
    "binary_focal/balanced": (
        "binarylogits",
        lambda **k: losses.BinaryFocalCrossentropy(
            apply_class_balancing=True, alpha=0.3, gamma=1.5, from_logits=True, label_smoothing=0.05, **k)),
    "categorical_crossentropy": ("onehot", losses.CategoricalCrossentropy),
    "categorical_crossentropy/logits": (
        "onehotlogits", lambda **k: losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2, **k)),
    "categorical_focal": ("onehot", losses.CategoricalFocalCrossentropy),
    "categorical_focal/logits": (
        "onehotlogits",
        lambda **k: losses.CategoricalFocalCrossentropy(
            alpha=0.5, gamma=1.5, from_logits=True, label_smoothing=0.1, **k)),
    "sparse": ("sparse", losses.SparseCategoricalCrossentropy),
    "sparse/logits": ("sparselogits", lambda **k: losses.SparseCategoricalCrossentropy(from_logits=True, **k)),
    "sparse/ignored": ("sparselogits", lambda **k: losses.SparseCategoricalCrossentropy(
        from_logits=True, ignore_class=int(labels[0]), **k)),
    "generalized": ("sparse", lambda **k: losses.CategoricalGeneralizedCrossEntropy(q=0.7, **k)),
    "dice": ("binary", losses.Dice),
    "dice/axes": ("binary", lambda **k: losses.Dice(axis=(1,), **k)),
    "tversky": ("binary", lambda **k: losses.Tversky(alpha=0.3, beta=0.7, **k)),
    "circle": ("unit", losses.Circle),
}
for name, (kind, make) in LOSSES.items():
    t, p = operands[kind]
    plain = make()
    keep(f"loss/{name}/value", plain(t, p))
    keep(f"loss/{name}/gradient", jax.grad(lambda q: plain(t, q))(p))
    keep(f"loss/{name}/none", make(reduction="none")(t, p))
    if name not in ("dice", "tversky"):
        w = weights if np.ndim(out[f"loss/{name}/none"]) == 1 else weights[:, None]
        keep(f"loss/{name}/weighted", plain(t, p, sample_weight=w))
        keep(f"loss/{name}/mean", make(reduction="mean_with_sample_weight")(t, p, sample_weight=w))
mask = random.integers(0, 2, (n, 3)).astype(bool)
keep("mask", mask)
t, p = operands["steps"]
masked = jnp.asarray(p)
masked._keras_mask = mask
keep("loss/masked", losses.MeanSquaredError()(t, masked))
keep("loss/masked/weighted", losses.MeanSquaredError()(t, masked, sample_weight=weights[:, None]))

# --- Metrics: two batches, without and with weights.
METRICS = {
    "accuracy": ("column", lambda: metrics.BinaryAccuracy()),
    "exact_accuracy": ("binary", lambda: metrics.Accuracy()),
    "binary_accuracy": ("binary", lambda: metrics.BinaryAccuracy(threshold=0.4)),
    "categorical_accuracy": ("onehot", metrics.CategoricalAccuracy),
    "sparse_categorical_accuracy": ("sparse", metrics.SparseCategoricalAccuracy),
    "top_k": ("onehot", lambda: metrics.TopKCategoricalAccuracy(k=2)),
    "sparse_top_k": ("sparse", lambda: metrics.SparseTopKCategoricalAccuracy(k=3)),
    "mean_squared_error": ("real", metrics.MeanSquaredError),
    "mean_squared_error/steps": ("steps", metrics.MeanSquaredError),
    "root_mean_squared_error": ("real", metrics.RootMeanSquaredError),
    "mean_absolute_error": ("real", metrics.MeanAbsoluteError),
    "mean_absolute_percentage_error": ("positive", metrics.MeanAbsolutePercentageError),
    "mean_squared_logarithmic_error": ("positive", metrics.MeanSquaredLogarithmicError),
    "logcosh": ("real", metrics.LogCoshError),
    "cosine_similarity": ("real", metrics.CosineSimilarity),
    "pearson_correlation": ("real", metrics.PearsonCorrelation),
    "concordance_correlation": ("real", metrics.ConcordanceCorrelation),
    "kl_divergence": ("share", metrics.KLDivergence),
    "poisson": ("positive", metrics.Poisson),
    "hinge": ("signs", metrics.Hinge),
    "squared_hinge": ("signs", metrics.SquaredHinge),
    "categorical_hinge": ("onehotlogits", metrics.CategoricalHinge),
    "binary_crossentropy": ("binary", metrics.BinaryCrossentropy),
    "categorical_crossentropy": ("onehot", metrics.CategoricalCrossentropy),
    "sparse_categorical_crossentropy": ("sparse", metrics.SparseCategoricalCrossentropy),
    "r2": ("real", metrics.R2Score),
    "r2/weighted": ("real", lambda: metrics.R2Score(class_aggregation="variance_weighted_average")),
    "r2/none": ("real", lambda: metrics.R2Score(class_aggregation=None)),
    "r2/adjusted": ("real", lambda: metrics.R2Score(num_regressors=3)),
    "true_positives": ("binary", metrics.TruePositives),
    "true_negatives": ("binary", metrics.TrueNegatives),
    "false_positives": ("binary", lambda: metrics.FalsePositives(thresholds=[0.2, 0.7])),
    "false_negatives": ("binary", lambda: metrics.FalseNegatives(thresholds=[0.0, 0.25, 0.5, 0.75, 1.0])),
    "precision": ("binary", metrics.Precision),
    "precision/top": ("binary", lambda: metrics.Precision(top_k=2)),
    "precision/class": ("binary", lambda: metrics.Precision(class_id=1, thresholds=[0.3, 0.6])),
    "recall": ("binary", metrics.Recall),
    "recall/top": ("binary", lambda: metrics.Recall(top_k=2, class_id=0)),
    "sensitivity_at_specificity": ("binary", lambda: metrics.SensitivityAtSpecificity(0.4)),
    "specificity_at_sensitivity": ("binary", lambda: metrics.SpecificityAtSensitivity(0.4, num_thresholds=1)),
    "precision_at_recall": ("binary", lambda: metrics.PrecisionAtRecall(0.6)),
    "recall_at_precision": ("binary", lambda: metrics.RecallAtPrecision(0.5)),
    "auc": ("binary", metrics.AUC),
    "auc/pr": ("binary", lambda: metrics.AUC(curve="PR")),
    "auc/pr_minoring": ("binary", lambda: metrics.AUC(curve="PR", summation_method="minoring", num_thresholds=20)),
    "auc/majoring": ("binary", lambda: metrics.AUC(summation_method="majoring", num_thresholds=7)),
    "auc/prgain": ("binary", lambda: metrics.AUC(curve="PRGAIN")),
    "auc/labels": ("binary", lambda: metrics.AUC(multi_label=True)),
    "auc/label_weights": (
        "binary", lambda: metrics.AUC(multi_label=True, num_labels=c, label_weights=[1.0, 2.0, 0.5, 1.0, 3.0])),
    "auc/logits": ("binarylogits", lambda: metrics.AUC(from_logits=True)),
    "f1": ("onehot", metrics.F1Score),
    "f1/micro": ("binary", lambda: metrics.F1Score(average="micro", threshold=0.4)),
    "fbeta/macro": ("onehot", lambda: metrics.FBetaScore(average="macro", beta=2.0)),
    "fbeta/weighted": ("binary", lambda: metrics.FBetaScore(average="weighted", beta=0.5, threshold=0.5)),
    "iou": ("sparse", lambda: metrics.IoU(num_classes=c, target_class_ids=[0, 2, 3], sparse_y_pred=False, dtype="float32")),
    "mean_iou": ("sparse", lambda: metrics.MeanIoU(num_classes=c, sparse_y_pred=False, dtype="float32")),
    "mean_iou/ignored": (
        "sparse", lambda: metrics.MeanIoU(num_classes=c, ignore_class=int(labels[0]), sparse_y_pred=False, dtype="float32")),
    "binary_iou": ("binary", lambda: metrics.BinaryIoU(threshold=0.3, dtype="float32")),
    "one_hot_iou": ("onehot", lambda: metrics.OneHotIoU(num_classes=c, target_class_ids=[1, 2], dtype="float32")),
    "one_hot_mean_iou": ("onehot", lambda: metrics.OneHotMeanIoU(num_classes=c, dtype="float32")),
}
WEIGHTLESS = {"binary_iou", "mean_squared_error/steps"}
for name, (kind, make) in METRICS.items():
    t, p = operands[kind]
    if name == "exact_accuracy":
        p = np.round(p)
    for suffix, w in (("value", None), ("weighted", weights)):
        if w is not None and name in WEIGHTLESS:
            continue
        metric = make()
        for part in (slice(0, 4), slice(4, n)):
            metric.update_state(t[part], p[part], sample_weight=None if w is None else w[part])
        keep(f"metric/{name}/{suffix}", metric.result())

# --- Optimizers: five steps with given gradients on a matrix and a vector.
start = [f32(random.standard_normal((3, 4))), f32(random.standard_normal(4))]
gradients = [[f32(random.standard_normal(p.shape) * 0.5) for p in start] for _ in range(5)]
for i, p in enumerate(start):
    keep(f"optimizer/start/{i}", p)
    for k, g in enumerate(gradients):
        keep(f"optimizer/gradient/{k}/{i}", g[i])

o = optimizers
OPTIMIZERS = {
    "sgd": lambda: o.SGD(0.1),
    "sgd/momentum": lambda: o.SGD(0.1, momentum=0.9),
    "sgd/nesterov": lambda: o.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda: o.RMSprop(0.05),
    "rmsprop/centered": lambda: o.RMSprop(0.05, momentum=0.8, centered=True),
    "adam": lambda: o.Adam(0.05),
    "adam/amsgrad": lambda: o.Adam(0.05, amsgrad=True),
    "adamw": lambda: o.AdamW(0.05, weight_decay=0.1),
    "adamax": lambda: o.Adamax(0.05),
    "nadam": lambda: o.Nadam(0.05),
    "adagrad": lambda: o.Adagrad(0.05),
    "adadelta": lambda: o.Adadelta(0.5),
    "adafactor": lambda: o.Adafactor(0.5),
    "ftrl": lambda: o.Ftrl(0.1),
    "ftrl/penalties": lambda: o.Ftrl(
        0.1, l1_regularization_strength=0.01, l2_regularization_strength=0.1,
        l2_shrinkage_regularization_strength=0.1, beta=0.2),
    "lion": lambda: o.Lion(0.05),
    "lamb": lambda: o.Lamb(0.05),
    "muon": lambda: o.Muon(0.05),
    "schedule_free_adamw": lambda: o.ScheduleFreeAdamW(0.05, warmup_steps=3),
    "clip/value": lambda: o.SGD(0.1, clipvalue=0.2),
    "clip/norm": lambda: o.SGD(0.1, clipnorm=0.5),
    "clip/global": lambda: o.SGD(0.1, global_clipnorm=0.5),
    "decay": lambda: o.SGD(0.1, momentum=0.5, weight_decay=0.3),
    "averages": lambda: o.Adam(0.05, use_ema=True, ema_momentum=0.8),
    "averages/overwriting": lambda: o.Adam(0.05, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=2),
    "accumulation": lambda: o.Adam(0.05, gradient_accumulation_steps=2),
    "schedule": lambda: o.SGD(schedules.ExponentialDecay(0.1, 2, 0.5)),
}
for name, make in OPTIMIZERS.items():
    variables = [keras.Variable(p) for p in start]
    optimizer = make()
    for k, g in enumerate(gradients):
        optimizer.apply([jnp.asarray(x) for x in g], variables)
    for i, v in enumerate(variables):
        keep(f"optimizer/{name}/{i}", v.value)
    if name == "averages":
        optimizer.finalize_variable_values(variables)
        for i, v in enumerate(variables):
            keep(f"optimizer/{name}/final/{i}", v.value)
# A loss scale that meets a gradient that is not finite in the third step.
variables = [keras.Variable(p) for p in start]
optimizer = o.LossScaleOptimizer(o.SGD(0.1), initial_scale=8.0, dynamic_growth_steps=2)
optimizer.build(variables)
own = [v.value for v in optimizer.variables]
for k, g in enumerate(gradients):
    scale = float(optimizer.dynamic_scale.value)
    scaled = [jnp.asarray(x) * scale for x in g]
    if k == 2:
        scaled[1] = scaled[1].at[0].set(jnp.inf)
    values, own = optimizer.stateless_apply(own, scaled, [v.value for v in variables])
    for v, value in zip(variables + optimizer.variables, list(values) + list(own)):
        v.assign(value)
for i, v in enumerate(variables):
    keep(f"optimizer/scale/{i}", v.value)
keep("optimizer/scale/factor", optimizer.dynamic_scale.value)

# --- Schedules: the rates of some steps.
at = np.array([0, 1, 2, 5, 9, 10, 11, 15, 20, 25, 39, 40, 41, 100], dtype=np.int32)
keep("schedule/steps", at)
SCHEDULES = {
    "exponential": schedules.ExponentialDecay(0.1, 10, 0.5),
    "exponential/stairs": schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True),
    "inverse": schedules.InverseTimeDecay(0.1, 10, 0.5),
    "inverse/stairs": schedules.InverseTimeDecay(0.1, 10, 0.5, staircase=True),
    "polynomial": schedules.PolynomialDecay(0.1, 20, 0.01, power=2.0),
    "polynomial/cycles": schedules.PolynomialDecay(0.1, 10, 0.01, cycle=True),
    "piecewise": schedules.PiecewiseConstantDecay([1, 10, 20], [0.1, 0.05, 0.02, 0.01]),
    "cosine": schedules.CosineDecay(0.1, 20, alpha=0.1),
    "cosine/warmup": schedules.CosineDecay(0.01, 20, warmup_target=0.1, warmup_steps=10),
    "restarts": schedules.CosineDecayRestarts(0.1, 10, t_mul=2.0, m_mul=0.8, alpha=0.05),
    "restarts/equal": schedules.CosineDecayRestarts(0.1, 10, t_mul=1.0, m_mul=0.9),
}
for name, schedule in SCHEDULES.items():
    keep(f"schedule/{name}", [float(schedule(int(s))) for s in at])

# --- Regularizers and constraints.
w = f32(random.standard_normal((4, 3)) * 2)
w[:, 2] = 0
keep("penalty/w", w)
for name, r in {
    "l1": regularizers.L1(0.1), "l2": regularizers.L2(0.2), "l1l2": regularizers.L1L2(0.1, 0.2),
    "rows": regularizers.OrthogonalRegularizer(0.3),
    "columns": regularizers.OrthogonalRegularizer(0.3, mode="columns"),
}.items():
    keep(f"penalty/{name}", r(jnp.asarray(w)))
for name, r in {
    "max": constraints.MaxNorm(1.5), "max/rows": constraints.MaxNorm(1.5, axis=1), "nonneg": constraints.NonNeg(),
    "unit": constraints.UnitNorm(), "minmax": constraints.MinMaxNorm(0.5, 1.5, rate=0.7),
}.items():
    keep(f"constraint/{name}", r(jnp.asarray(w)))

out = {k: v.astype(np.float32) if v.dtype == np.float64 else v for k, v in out.items()}
np.savez_compressed("Tests/LayersTests/Data/training.npz", **out)
print(len(out), "arrays")
