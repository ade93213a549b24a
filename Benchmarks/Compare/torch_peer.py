"""What is particular to PyTorch, eager or by Inductor (`TORCH_COMPILE=1`)."""

import os

import numpy as np
import torch

from peer import Peer

COMPILED = os.environ.get("TORCH_COMPILE") == "1"


class Torch(Peer):
    def __init__(self):
        super().__init__("torch-compile" if COMPILED else "torch")
        if self.threads:
            torch.set_num_threads(self.threads)

    def place(self, array):
        return torch.from_numpy(np.array(array))

    def compile(self, function):
        if not COMPILED:
            return function
        torch._dynamo.reset()
        return torch.compile(function, dynamic=False)

    def fetch(self, value):
        return value.detach().numpy()

    def setup_of(self, function, prepare=list, restore=None):
        def setup(*inputs):
            inputs = prepare(inputs)
            compiled = self.compile(function)

            def run():
                with torch.no_grad():
                    return compiled(*inputs)

            return run, restore

        return setup

    def gradients(self, name, count, variant="", prepare=list, restore=None):
        """The decorated function is a loss; results are it and its gradients by the first `count`
        inputs. `prepare` brings inputs into the library's order, `restore` results back for the
        check."""

        def register(loss):
            def setup(*inputs):
                inputs = prepare(inputs)
                leaves = [x.requires_grad_() for x in inputs[:count]]
                compiled = self.compile(loss)

                def run():
                    value = compiled(*inputs)
                    return value, *torch.autograd.grad(value, leaves)

                return run, restore

            self.implementations.append((name, variant, setup))
            return loss

        return register

    def descending(self, loss, parameters, optimizer, shown):
        """The usual step: forward, backward, the optimizer."""
        compiled = self.compile(loss)
        for p in parameters:
            p.requires_grad_()

        def run():
            optimizer.zero_grad(set_to_none=True)
            value = compiled()
            value.backward()
            optimizer.step()
            return value.detach()

        return run, lambda: shown
