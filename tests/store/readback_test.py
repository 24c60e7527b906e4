# SPDX-License-Identifier: Apache-2.0
"""Reads what the store wrote with h5py, pandas and h5dump: readback_test.py STORE_SAMPLE_PROGRAM"""
import math
import re
import subprocess
import sys
import tempfile

try:
    import h5py
    import pandas
except ImportError:
    print("needs python3-h5py and python3-pandas")
    sys.exit(77)


def fraction(a, b=1):
    return 1.0 / (3 + a + 7.0 * b)


def columns(table):
    return table.attrs["columns"].decode().splitlines()


def check_documented(path):
    """Who has only h5dump -A is told what each object and each column is."""
    named = subprocess.run(["h5dump", "-A", path], check=True, capture_output=True, text=True).stdout
    assert "\\000" not in named, "zeros where words should be"
    with h5py.File(path, "r") as f:
        guide = f.attrs["description"].decode()
        untold = [name for name in f.attrs if name not in guide]
        assert not untold, untold
        for name, item in f.items():
            assert len(item.attrs["description"]) > 10, name
            assert item.attrs["description"].decode() in named, name
            if isinstance(item, h5py.Dataset):
                said = [re.fullmatch(r"(\S+)( \[[^]]+\])?: .+", line) for line in columns(item)]
                assert all(said) and [line[1] for line in said] == list(item.dtype.names), (name, columns(item))
                assert all(line in named for line in columns(item)), name


def check_sealed(path):
    with h5py.File(path) as f:
        assert f.attrs["seqsweep"] == b"results of a hyperparameter sweep"
        assert f.attrs["format_version"] == 1 and f.attrs["sealed"] == 1
        lines = f.attrs["definition"].decode().splitlines()
        assert lines == ["data.path = a = b.h5", "model.cell = choice(lstm, gru, rnn)", "sweep.seed = 1"], lines
        assert "committed" not in f

        trials = pandas.DataFrame(f["trials"][:])
        assert list(trials["trial"]) == list(range(6))
        assert list(trials["state"]) == [b"completed"] * 4 + [b"diverged"] + [b"completed"]
        assert trials["train.learning_rate"][3] == fraction(3)
        assert list(trials["model.cell"][:3]) == [b"lstm", b"gru", b"rnn"]
        assert trials["model.hidden_size"].dtype == "int64" and trials["model.hidden_size"][5] == 21
        assert trials["data.batch_size"].dtype == "int64" and list(trials["data.batch_size"][:3]) == [16, 32, 64]
        assert trials["train.momentum"].dtype == "float64" and list(trials["train.momentum"][:3]) == [0.9, 0, 0.001]
        assert list(trials["model.activation"][:3]) == [b"", b"", b"relu"]
        assert trials["model.num_layers"][1] == 2 and math.isnan(trials["model.num_layers"][2])
        assert math.isnan(trials["train.clip_norm"][0]) and trials["train.clip_norm"][2] == -fraction(2, 3)
        assert trials["value"][1] == fraction(1, 3) and trials["best_epoch"][1] == trials["epochs"][1] == 3
        assert trials["test_loss"][1] == fraction(1, 9) and math.isnan(trials["test_accuracy"][0])
        assert trials["message"][4] == b"the gradient norm became infinite at step 17"

        epochs = pandas.DataFrame(f["epochs"][:])
        assert list(zip(epochs["trial"], epochs["epoch"])) == [(t, e) for t in range(6) for e in (1, 2, 3)]
        assert epochs["val_loss"][4] == fraction(1, 3) and epochs["gradient_norm_max"][0] == math.inf
        assert list(f["gradient_flow"][:3]["norm"]) == [fraction(0, 5), 1e-9, fraction(1, 0)]
        assert list(f["segments"]["trial"]) == [0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0]
        assert f["segment_results"][9]["ending"] == b"diverged"
        assert f["timing"][0]["host"] == b"node-7"

        for name in ("trials", "epochs", "gradient_flow", "segments", "segment_results", "timing"):
            assert f[name].fletcher32 and f[name].compression == "gzip" and f[name].shuffle, name
        assert "virtual_start [multiply-adds]: start on the virtual clock" in columns(f["segments"])
        assert f.attrs["dataset_provenance"].decode() == "seqsweep dataset make adding --seed 1 -o 'ä b.h5'"


def check_checkpoint(path):
    with h5py.File(path) as f:
        assert f.attrs["seqsweep"] == b"checkpoint of one trial" and f.attrs["network.cell"] == b"gru"
        w = f["weights"]
        shapes = {name: w[name].shape for name in w}
        assert shapes == {"rnn.weight_ih_l0": (60, 2), "rnn.weight_hh_l0": (60, 20), "rnn.bias_ih_l0": (60,),
                          "head.weight": (1, 20), "thin.weight": (5, 1), "head.bias": (1,)}, shapes
        names = [n.decode() for n in w.attrs["tensors"]]
        assert names[0] == "rnn.weight_ih_l0" and names[-1] == "head.bias"
        current = f["state/weights"][:]
        assert (w["rnn.bias_ih_l0"][:] == current[1320:1380] * w["head.bias"][:].dtype.type(0.9)).all()
        assert f["state/slots"].shape == (2, len(current)) and f["state/slots"][1, 0] == f["state/slots"].dtype.type(1 / (len(current) + 1))
        assert w["rnn.weight_hh_l0"].fletcher32 and w["rnn.weight_hh_l0"].compression is None
        assert f["state"].attrs["step"] == 1 << 40 and list(f["history"]["epoch"]) == [1, 2]


def check_live(path, writer):
    with h5py.File(path, "r", libver="latest", swmr=True) as f:
        assert f.attrs["sealed"] == 0
        for rows in (6, 7, 8):
            f["committed"].refresh()
            f["epochs"].refresh()
            assert f["committed"][0]["epochs"] == rows and len(f["epochs"]) == rows, (rows, len(f["epochs"]))
            assert f["epochs"][rows - 1]["epoch"] == (3 if rows == 6 else rows - 3)
            writer.stdin.write("more\n")
            writer.stdin.flush()
            assert writer.stdout.readline() == "committed\n"


with tempfile.TemporaryDirectory() as folder:
    writer = subprocess.Popen([sys.argv[1], folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline() == "ready\n"
    check_sealed(folder + "/sealed.h5")
    check_checkpoint(folder + "/checkpoint.h5")
    check_live(folder + "/live.h5", writer)
    writer.stdin.close()
    assert writer.wait() == 0
    check_documented(folder + "/sealed.h5")
    check_documented(folder + "/live.h5")
    subprocess.run(["h5dump", "-H", f"{folder}/checkpoint.h5"], check=True, stdout=subprocess.DEVNULL)
print("h5py reads back what the store wrote")
