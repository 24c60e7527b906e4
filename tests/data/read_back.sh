#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# read_back.sh WRITER: is what our writer writes what schema.hpp says, as another program (h5dump) reads it?
set -eu
command -v h5dump >/dev/null || { echo "h5dump is not installed: skipped"; exit 77; }
file=$(mktemp -d)/three.h5
trap 'rm -r "$(dirname "$file")"' EXIT
fingerprint=$("$1" "$file")
dump=$(h5dump "$file" | sed 's/\\000//g' | tr -s ' \n' ' ')

expect() {
  case $dump in
    *"$1"*) ;;
    *) echo "h5dump does not show: $1"; h5dump "$file"; exit 1 ;;
  esac
}
expect '(0): "seqsweep data set"'
expect "(0): \"$fingerprint\""
expect '(0): "m/s"'
expect 'CSET H5T_CSET_UTF8'
expect '(0,0): 1, 10, (1,0): 2, 20, (2,0): 3, 30'
expect '(0,0): 33, (1,0): 55'
expect '(0): { 0, 2, 0 }, (1): { 1, 2, 2 }'
expect '(0): { "left", 1.5, 0.5 }, (1): { "right", 0, 1 }'
expect '(0): { "sum", 0, 2 }'
expect 'H5T_STD_I64LE "start"; H5T_STD_I32LE "length"; H5T_STD_I32LE "split"'
