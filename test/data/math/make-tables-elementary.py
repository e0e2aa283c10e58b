# Writes the reference tables for exponentials, logarithms, powers and hyperbolic functions beside
# this file: little-endian doubles, rows (x, [y,] high, low) with high + low the true value, computed
# with mpmath at 200 bits. Points: random bit patterns over the domain, neighbourhoods of every
# breakpoint and edge, tiny arguments, and the usual working range.
#
#   python3 test/data/math/make-tables-elementary.py
import math
import os
import random
import struct

import mpmath
from mpmath import mp, mpf

mp.prec = 200
here = os.path.dirname(os.path.abspath(__file__))
rows = 1500
infinity = float('inf')
smallest_normal = 2.0 ** -1022


def nearest_double(value):
    """Round once, also into the denormal range."""
    if value == 0:
        return 0.0
    if abs(value) < mpf(smallest_normal):
        return math.ldexp(int(mpmath.nint(value * mpf(2) ** 1074)), -1074)
    if abs(value) >= mpf(2) ** 1024 - mpf(2) ** 970:
        return infinity if value > 0 else -infinity
    return float(value)


def pair(value):
    high = nearest_double(value)
    return (high, 0.0) if math.isinf(high) else (high, nearest_double(value - mpf(high)))


def neighbours(x, count=6):
    """x and `count` doubles on each side."""
    up = down = x
    yield x
    for _ in range(count):
        up = math.nextafter(up, infinity)
        down = math.nextafter(down, -infinity)
        yield up
        yield down


def random_bits(rng):
    while True:
        x = struct.unpack('<d', rng.getrandbits(64).to_bytes(8, 'little'))[0]
        if math.isfinite(x):
            return x


def signed_power(rng, low, high):
    return rng.choice((-1.0, 1.0)) * 2.0 ** rng.uniform(low, high)


ln2 = math.log(2)
half_steps = [(k + 0.5) * ln2 for k in (-1074, -1023, -54, -3, -2, -1, 0, 1, 2, 3, 54, 1022)]
roots = [2.0 ** (k + 0.5) for k in (-1022, -52, -2, -1, 0, 1, 2, 52, 1023)]
powers = [2.0 ** k for k in (-1074, -1073, -1022, -1021, -53, -2, -1, 0, 1, 2, 53, 1023)]

# name: (function, domain test, breakpoints and edges, working range, logarithmic range)
functions = {
    'exp': (mpmath.exp, lambda x: True,
            half_steps + [0.0, -708.0, 708.0, 709.782712893384, -708.3964185322641,
                          -745.1332191019412, -744.4400719213812],
            (-745.0, 709.7), (-60, 9)),
    'expm1': (mpmath.expm1, lambda x: True,
              half_steps[2:] + [0.0, 1.0, -36.7, -37.43, 37.1, 708.0, 709.782712893384],
              (-3.0, 3.0), (-1074, 9)),
    'exp2': (lambda x: mpmath.power(2, x), lambda x: True,
             [0.0, 0.5, -0.5, 1.5, 1022.0, -1022.0, 1023.5, 1024.0, -1023.0, -1074.0, -1075.0],
             (-1074.0, 1023.9), (-60, 10)),
    'log': (mpmath.log, lambda x: x > 0, roots + powers + [1.7976931348623157e308],
            (0.0, 3.0), (-1074, 1023)),
    'log1p': (mpmath.log1p, lambda x: x > -1,
              [r - 1 for r in roots[1:-1]] + [0.0, 1.0, -1 + 2.0 ** -52, 2.0 ** 53, 1e300],
              (-0.99, 3.0), (-1074, 1023)),
    'log2': (lambda x: mpmath.log(x) / mpmath.ln2, lambda x: x > 0,
             roots + powers + [1.7976931348623157e308], (0.0, 3.0), (-1074, 1023)),
    'log10': (lambda x: mpmath.log(x) / mpmath.ln10, lambda x: x > 0,
              roots + powers + [1e-5, 0.1, 10.0, 1000.0, 1e22, 1.7976931348623157e308],
              (0.0, 3.0), (-1074, 1023)),
    'sinh': (mpmath.sinh, lambda x: True,
             [0.0, 1.0, 1.5 * ln2, 2.5 * ln2, 22.0, 708.0, 709.782712893384, 710.4758600739439],
             (-5.0, 5.0), (-1074, 9.5)),
    'cosh': (mpmath.cosh, lambda x: True,
             [0.0, 0.5 * ln2, 1.5 * ln2, 22.0, 708.0, 709.782712893384, 710.4758600739439],
             (-5.0, 5.0), (-60, 9.5)),
    'tanh': (mpmath.tanh, lambda x: True,
             [0.0, 0.75, 1.25 * ln2, 1.75 * ln2, 2.25 * ln2, 18.7, 19.06, 22.0], (-3.0, 3.0),
             (-1074, 5)),
    'asinh': (mpmath.asinh, lambda x: True,
              [0.0, 0.5, 0.75, 1.0, 2.0 ** 28, 2.0 ** 512, 1.7976931348623157e308], (-5.0, 5.0),
              (-1074, 1023)),
    'acosh': (mpmath.acosh, lambda x: x >= 1,
              [1.0, 1.06, 1.25, 2.0, 2.0 ** 28, 2.0 ** 512, 1.7976931348623157e308], (1.0, 5.0),
              (0, 1023)),
    'atanh': (mpmath.atanh, lambda x: abs(x) < 1,
              [0.0, 0.17, 3 - 2 * 2 ** 0.5, 1 / 3, 0.5, 0.6, 1 - 2.0 ** -53], (-1.0, 1.0),
              (-1074, 0)),
}


# Where the rounding errors of the algorithms add up most, found by searches over millions of points.
hardest = {
    'exp': (0.346, 0.43), 'expm1': (0.3465, 0.37), 'exp2': (0.5, 0.6), 'log': (0.69, 0.72),
    'log1p': (0.38, 0.4143), 'log2': (1.38, 1.4143), 'log10': (1.3, 1.4143), 'sinh': (0.75, 1.0),
    'cosh': (0.3465, 0.43), 'tanh': (0.75, 0.95), 'asinh': (0.5, 0.8), 'acosh': (1.02, 1.1),
    'atanh': (0.165, 0.18),
}


def points(rng, domain, edges, working, logarithmic, hard):
    for edge in edges:
        for x in neighbours(edge):
            yield x
            yield -x
    while True:
        kind = rng.random()
        if kind < 0.25:
            yield random_bits(rng)
        elif kind < 0.5:
            yield signed_power(rng, *logarithmic)
        elif kind < 0.6:
            yield 1 + signed_power(rng, -52, -1)
        elif kind < 0.8:
            yield rng.uniform(*hard)
        else:
            yield rng.uniform(*working)


def power_points(rng):
    for x in list(neighbours(1.0, 3)) + roots + powers:
        for y in (0.5, -0.5, 1.0, -1.0, 2.0, 3.0, -7.0, 1 / 3, 1e-300, 1e15, -1e15):
            yield x, y
    while True:
        kind = rng.random()
        if kind < 0.2:
            yield abs(random_bits(rng)), random_bits(rng)
        elif kind < 0.6:
            # The exponent of the result is uniform over the doubles, edges included.
            x = rng.choice((rng.uniform(0.5, 2.0), 1 + signed_power(rng, -52, -2),
                            2.0 ** rng.uniform(-1074, 1023)))
            exponent = rng.choice((rng.uniform(-1076, 1025), rng.uniform(-1076, -1020),
                                   rng.uniform(1019, 1025)))
            if x != 1:
                yield x, float(exponent / (mpmath.log(x) / mpmath.ln2))
        elif kind < 0.8:
            yield rng.uniform(0, 10), rng.uniform(-10, 10)
        else:
            yield -rng.uniform(0, 100), float(rng.randint(-40, 40))


def true_power(x, y):
    """Results beyond the doubles by their logarithm, which is all that they need."""
    exponent = mpf(y) * mpmath.log(abs(mpf(x))) / mpmath.ln2
    if abs(exponent) > 1100:
        return mpf(2) ** (1100 if exponent > 0 else -1100)
    return mpmath.power(mpf(x), mpf(y)).real


def write(name, values):
    with open(os.path.join(here, name + '.f64'), 'wb') as out:
        for row in values:
            out.write(struct.pack('<%dd' % len(row), *row))


def main():
    for name, (function, domain, edges, working, logarithmic) in functions.items():
        rng = random.Random('nadir ' + name)
        table = {}
        for x in points(rng, domain, edges, working, logarithmic, hardest[name]):
            if len(table) == rows:
                break
            if not domain(x) or x in table:
                continue
            # mpmath would try to hold e^1e300.
            if name in ('exp', 'expm1', 'exp2', 'sinh', 'cosh') and abs(x) > 1100:
                continue
            table[x] = pair(function(mpf(x)))
        write(name, ((x, *value) for x, value in table.items()))
    rng = random.Random('nadir pow')
    table = {}
    for x, y in power_points(rng):
        if len(table) == rows:
            break
        if x != 0 and math.isfinite(x) and math.isfinite(y) and (x > 0 or y == math.trunc(y)):
            table[x, y] = pair(true_power(x, y))
    write('pow', ((x, y, *value) for (x, y), value in table.items()))


if __name__ == '__main__':
    main()
