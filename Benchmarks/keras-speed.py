"""Training and inference of a network in Keras, dense over the grid as its users write it.

    keras-speed.py EXPORT.npz [SECONDS]      EXPORT.npz is of `network-speed.py export`

One thread, if the process is kept on one processor. The network gets the weights of the file, and must give the outputs in it to 1e-5 of
the largest one. Prints `training EVENTS/S` and `inference EVENTS/S`.
"""

import json
import math
import os
import sys
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)


class Model:
    """A network of tables/networks in layers of Keras. Knows the layers of `grid` and `set`."""

    def __init__(self, spec, weights, shapes):
        self.spec, self.weights, self.kernels = spec, weights, []
        traces, stations, hit, cells, events = inputs = [layers.Input(shape[1:]) for shape in shapes]
        self.hit, self.cells, self.events = layers.Reshape((-1, 1))(hit), cells, events
        x = stations
        if spec["encoder"]:
            x = layers.Concatenate()([stations, self.encoder(traces)])
        x = self.stage("stations", x)
        if spec["grid"]:
            x = self.stage("grid", layers.Concatenate()([cells, layers.Multiply()([x, self.hit])]))
        x = self.stage("event", layers.Concatenate()([x, events]))
        self.model = keras.Model(inputs, self.linear("output")(x))
        for layer, values in self.kernels:
            layer.set_weights(values)

    def stage(self, stage, x):
        for index, line in enumerate(self.spec.get(stage, [])):
            x = getattr(self, f"{stage}_{line['layer']}", getattr(self, line["layer"], None))(f"{stage}{index}", line, x)
        return x

    def added(self, layer, *values):
        """A layer whose weights are set when the model stands."""
        self.kernels.append((layer, list(values)))
        return layer

    @property
    def activation(self):
        return self.spec["activation"]

    def linear(self, name, activation=None, bias=True, weight="_weight"):
        kernel = self.weights[name + weight]
        values = [kernel, self.weights[name + "_bias"]] if bias else [kernel]
        return self.added(layers.Dense(kernel.shape[1], activation=activation, use_bias=bias), *values)

    def dense(self, name, x):
        return self.linear(name, self.activation)(x)

    # Over time: the stations of all events as one batch, which is faster than TimeDistributed (it calls the layer for each station)

    def encoder(self, traces):
        x = self.stage("encoder", ops.reshape(traces, (-1, *traces.shape[2:])))
        return ops.reshape(x, (-1, traces.shape[1], x.shape[-1]))

    def encoder_convolution(self, name, line, x):
        kernel, stride = line["kernel"], line.get("stride", 1)
        weight = self.weights[name + "_weight"].reshape(kernel, -1, line["maps"])
        layer = layers.Conv1D(
            line["maps"], kernel, stride, line.get("padding", "same"), activation=self.activation)
        return self.added(layer, weight, self.weights[name + "_bias"])(x)

    def encoder_dense(self, name, line, x):
        return self.dense(name, layers.Flatten()(x))

    # Stations and cells

    def stations_dense(self, name, line, x):
        return self.dense(name, x)

    grid_dense = event_dense = stations_dense

    def normalisation(self, name, line, x):
        values = self.weights[name + "_scale_bias"], self.weights[name + "_shift_bias"]
        return self.added(layers.LayerNormalization(epsilon=1e-5), *values)(x)

    def mean(self, x):
        return ops.sum(x * self.hit, 1) / ops.maximum(ops.sum(self.hit, 1), 1)

    def largest(self, x):
        return ops.max(ops.where(self.hit > 0, x, -1e9), 1)

    def context(self, name, line, x):
        terms = {"event": lambda: self.events, "mean": lambda: self.mean(x), "max": lambda: self.largest(x)}
        y = self.linear(name)(x)
        for term in line["of"]:
            of_event = self.linear(name, bias=False, weight=f"_{term}_weight")(terms[term]())
            y = y + ops.expand_dims(of_event, 1)
        y = layers.Activation(self.activation)(y)
        return x + y if line.get("residual") else y

    def summary(self, name, line, x):
        parts = []
        for term in line["of"]:
            if term != "attention":
                parts.append(self.mean(x) if term == "mean" else self.largest(x))
                continue
            heads, width = line.get("heads", 4), x.shape[2]
            split = layers.Reshape((-1, heads, width // heads))
            query = self.linear(name + "_query")(self.events)
            scores = self.linear(name, bias=False, weight="_key_weight")(x) * ops.expand_dims(query, 1)
            scores = ops.clip(ops.sum(split(scores), 3) / math.sqrt(width // heads), -30, 30)
            weights = ops.softmax(ops.where(self.hit > 0, scores, -1e9), 1) * self.hit
            values = split(self.linear(name, bias=False, weight="_value_weight")(x))
            parts.append(layers.Flatten()(ops.sum(values * ops.expand_dims(weights, 3), 1)))
        return layers.Concatenate()(parts)

    # Over the grid

    def grid_convolution(self, name, line, x):
        n = self.spec["gridSize"]
        weight = self.weights[name + "_weight"]
        weight = weight.reshape(1, 1, *weight.shape) if weight.ndim == 2 else weight.transpose(2, 3, 1, 0)
        layer = layers.Conv2D(line["maps"], weight.shape[0], padding="same", activation=self.activation)
        y = self.added(layer, weight, self.weights[name + "_bias"])(layers.Reshape((n, n, x.shape[-1]))(x))
        y = layers.Reshape((n * n, line["maps"]))(y)
        return x + y if line.get("residual") else y

    def flatten(self, name, line, x):
        return layers.Flatten()(x)


arrays = np.load(sys.argv[1])
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 6
spec = json.loads(str(arrays["spec"]))
weights = {name[7:]: arrays[name] for name in arrays if name.startswith("weight/")}
inputs = [arrays[f"input/{index}"] for index in range(5)]
model = Model(spec, weights, [value.shape for value in inputs]).model

outputs = model.predict(inputs, batch_size=256, verbose=0)
difference = np.abs(outputs - arrays["outputs"]).max() / max(1, np.abs(arrays["outputs"]).max())
if not difference < 1e-5:
    sys.exit(f"keras-speed.py: outputs differ by {difference:.1e} from those of the network")
print(f"difference {difference:.1e}")

# Twenty batches as they lie in memory.
many = [np.concatenate([value] * 20) for value in inputs]
targets = np.random.default_rng(1).normal(size=(len(many[0]), outputs.shape[1])).astype("float32")


def rate(epoch):
    """Events a second of the fastest epoch, after one that compiles."""
    epoch()
    best, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        epoch()
        best = max(best, len(targets) / (time.perf_counter() - start))
    return best


# Compiled by XLA or not: what is faster depends on what is done.
rates = {"training": 0, "inference": 0}
for compiled in (False, True):
    model.compile(keras.optimizers.AdamW(1e-4, global_clipnorm=5), "mse", jit_compile=compiled)
    training = rate(lambda: model.fit(many, targets, batch_size=256, verbose=0))
    inference = rate(lambda: model.predict(many, batch_size=512, verbose=0))
    rates = {"training": max(rates["training"], training), "inference": max(rates["inference"], inference)}
for name, value in rates.items():
    print(f"{name} {value:.0f}")
print(f"version Keras {keras.__version__}, TensorFlow {tf.__version__}")
