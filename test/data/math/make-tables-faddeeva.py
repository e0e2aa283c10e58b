# Writes the reference table for Faddeeva's function beside this file: little-endian doubles, rows
# (x, y, real part, imaginary part), computed with mpmath at 200 bits. Points: the quarter plane at
# all scales, both axes and their neighbourhood, the circle where the method changes, and the lower
# half plane where w is not beyond the range of doubles.
#
#   python3 test/data/math/make-tables-faddeeva.py
import math
import os
import random
import struct

import mpmath
from mpmath import mp, mpc

mp.prec = 200
here = os.path.dirname(os.path.abspath(__file__))
rng = random.Random(20)


def w(x, y):
    z = mpc(x, y)
    if abs(z) > 1e3:  # far from the origin erfc is slow: the continued fraction
        rest = mpc(0)
        for k in range(40, 0, -1):
            rest = mp.mpf(k) / 2 / (z - rest)
        return mpc(0, 1) / mp.sqrt(mp.pi) / (z - rest)
    with mpmath.workprec(3000 if abs(z) > 20 else 1200):
        return mp.exp(-z * z) * mp.erfc(mpc(0, -1) * z)


points = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (5.0, 1e-300), (1e-300, 1e-300), (7.99, 0.01)]
for _ in range(250):
    points.append((rng.uniform(0, 9), rng.uniform(0, 9)))
    points.append((rng.uniform(-9, 9), 10 ** rng.uniform(-16, 0)))
    points.append((10 ** rng.uniform(-16, 0), rng.uniform(0, 9)))
    points.append((rng.uniform(-30, 30), 0.0))
    points.append((10 ** rng.uniform(-10, 140), 10 ** rng.uniform(-10, 140)))
    angle = rng.uniform(0, math.pi / 2)
    radius = 8 + rng.choice((-1, 1)) * 10 ** rng.uniform(-15, -1)
    points.append((radius * math.cos(angle), radius * math.sin(angle)))
    y = -rng.uniform(0, 20)
    points.append((rng.uniform(-20, 20), y))

with open(os.path.join(here, 'faddeeva.f64'), 'wb') as file:
    for x, y in points:
        value = w(x, y)
        file.write(struct.pack('<4d', x, y, float(value.real), float(value.imag)))
