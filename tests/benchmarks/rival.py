# SPDX-License-Identifier: Apache-2.0
"""What rivals multiply matrices with: the kernel, its speed, and whether the product is right.

OpenBLAS takes the kernels of another processor where OPENBLAS_CORETYPE names one, and some machines set it for everybody.
Haswell's are up to a third slower on a processor with AVX-512, and every ratio would flatter us. So rivals choose by
themselves; and as the variable may be set because a kernel is wrong, their product is compared with double precision.
  python3 tests/benchmarks/rival.py numpy|torch
"""
import ctypes
import json
import os
import pathlib
import sys
import time

CHOSEN_BY_HAND = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]

# [M × K] · [K × N], as recurrent layers have them: 32 sequences, four gates, small and large, odd ones.
PRODUCTS = [(32, 32, 128), (128, 32, 32), (32, 256, 1024), (1024, 32, 256), (384, 384, 384), (7, 33, 65)]


def may_choose():
    """Rivals that this process starts choose their kernels; to be called before numpy or PyTorch are imported."""
    for name in CHOSEN_BY_HAND:
        os.environ.pop(name, None)


def kernel():
    """The processor that this process's OpenBLAS multiplies for, such as "SkylakeX"; "none" without its library."""
    for line in pathlib.Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        path = line.split(maxsplit=5)[-1]
        if "openblas" in path and ".so" in path:
            core_name = ctypes.CDLL(path).openblas_get_corename
            core_name.restype = ctypes.c_char_p
            return core_name().decode()
    return "none"


def worst_error(multiply):
    """The largest error of `multiply` (two float32 arrays, to their product) over the bound that every order of summation
    keeps to: it is right up to 1."""
    import numpy as np
    random = np.random.default_rng(1)
    worst = 0.0
    for rows, inner, columns in PRODUCTS:
        a = random.standard_normal((rows, inner), dtype=np.float32)
        b = random.standard_normal((inner, columns), dtype=np.float32)
        # einsum is a loop of numpy's own, no BLAS.
        right = np.einsum("ik,kj->ij", a.astype(np.float64), b.astype(np.float64))
        bound = (inner + 1) * 2.0**-24 * np.einsum("ik,kj->ij", abs(a).astype(np.float64), abs(b).astype(np.float64))
        for x, y in ((a, b), (np.asfortranarray(a), b), (a, np.asfortranarray(b))):  # each side transposed in memory, too
            error = abs(multiply(x, y) - right) / bound
            worst = max(worst, float(error.max()) if np.isfinite(error).all() else 1e9)
    return worst


def gflops(multiply):
    """Tens with OpenBLAS or MKL, a few with the reference BLAS."""
    import numpy as np
    size, best_s = 384, float("inf")
    a, b = np.random.default_rng(2).standard_normal((2, size, size), dtype=np.float32)
    for _ in range(6):
        start = time.perf_counter()
        multiply(a, b)
        best_s = min(best_s, time.perf_counter() - start)
    return 2e-9 * size**3 / best_s


def product_of(module):
    """Its matrix product, from and to arrays of numpy."""
    if module.__name__ == "torch":
        module.set_num_threads(1)
        return lambda a, b: module.mm(module.from_numpy(a), module.from_numpy(b)).numpy()
    return module.matmul


def main():
    may_choose()
    module = __import__(sys.argv[1])
    multiply = product_of(module)
    print(json.dumps({"version": module.__version__, "kernel": kernel(), "gemm_gflops": gflops(multiply),
                      "worst_error": worst_error(multiply)}))


if __name__ == "__main__":
    main()
