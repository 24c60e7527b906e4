#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Branin function, as a trial of `seqsweep sweep configs/branin.ini`: two numbers in, one line of JSON out.

Three minima of 0.397887, one of them at x = pi, y = 2.275.
"""
import json
import math
import sys

x, y = map(float, sys.argv[1:])
bowl = (y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6) ** 2
value = bowl + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10
print(json.dumps({"value": value}))
