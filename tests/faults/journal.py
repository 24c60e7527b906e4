# SPDX-License-Identifier: Apache-2.0
"""What a results file acknowledges, read by h5py and not by our own reader."""
import os

os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")
import h5py  # pylint: disable=wrong-import-position

# What tells the rows of a table apart.
KEYS = {
    "epochs": ("trial", "epoch"),
    "metrics": ("trial", "epoch", "name"),
    "segments": ("trial", "to_epoch"),
    "segment_results": ("trial", "to_epoch"),
}


class Journal:
    """The rows that count, as {key: bytes} by table; and the keys that are there more than once."""

    def __init__(self, path):
        self.rows = {}
        self.repeated = []
        with h5py.File(path, "r", libver="latest", swmr=True) as file:
            self.is_sealed = bool(file.attrs["sealed"])
            committed = None if self.is_sealed else file["committed"][0]
            for table, key_columns in KEYS.items():
                found = file[table][:] if self.is_sealed else file[table][: committed[table]]
                columns = [column for column in found.dtype.names if column != "checksum"]  # of a live file alone
                rows = self.rows[table] = {}
                for row in found:
                    key = tuple(row[column] for column in key_columns)
                    if key in rows:
                        self.repeated.append((table, key))
                    rows[key] = b"".join(row[column].tobytes() for column in columns)

    def lost(self, earlier):
        """What an earlier journal has and this one has not, or has otherwise."""
        return [(table, key) for table, rows in earlier.rows.items() for key, row in rows.items()
                if self.rows[table].get(key) != row]
