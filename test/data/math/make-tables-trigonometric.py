# Writes the reference tables for the trigonometric, inverse trigonometric, root and error functions
# beside this file, in the form that make-tables-elementary.py describes: rows (x, [y,] high, low),
# computed with mpmath at 200 bits.
#
#   python3 test/data/math/make-tables-trigonometric.py
import importlib
import math
import random

import mpmath
from mpmath import mpf

elementary = importlib.import_module('make-tables-elementary')
neighbours = elementary.neighbours
pair = elementary.pair
random_bits = elementary.random_bits
rows = elementary.rows
signed_power = elementary.signed_power

largest = 1.7976931348623157e308
smallest_normal = 2.0 ** -1022


def nearest_to_quarter_turns(count):
    """The double nearest to count·π/2, zeros and extrema of the trigonometric functions."""
    mpmath.mp.prec = 1400
    value = float(count * mpmath.pi / 2)
    mpmath.mp.prec = 200
    return value


def quarter_turns(rng):
    return [nearest_to_quarter_turns(k) for k in (1, 2, 3, 4, 5, 29, 14479, 58285, 99999, 100000,
                                                 100001, 2 ** 53 + 1)] + \
        [nearest_to_quarter_turns(rng.randrange(1, 100000)) for _ in range(120)] + \
        [nearest_to_quarter_turns(rng.getrandbits(rng.randrange(20, 1020)) | 1) for _ in range(150)]


# The double that comes nearest to a multiple of π/2 (Muller, Elementary Functions, section 11.2).
closest = math.ldexp(6381956970095103, 797)
half_quadrants = [math.pi / 4 * k for k in (1, 3, 5, 7, 41, 1001)]
trigonometric_edges = half_quadrants + [0.0, 2.0 ** -27, 2.0 ** -26, 157079.0, 1e5, closest, 1e22,
                                        largest]

# name: (function, domain test, breakpoints and edges, working range, logarithmic range)
functions = {
    'sin': (mpmath.sin, lambda x: True, trigonometric_edges, (-10.0, 10.0), (-30, 1023)),
    'cos': (mpmath.cos, lambda x: True, trigonometric_edges, (-10.0, 10.0), (-30, 1023)),
    'tan': (mpmath.tan, lambda x: True, trigonometric_edges, (-10.0, 10.0), (-30, 1023)),
    'asin': (mpmath.asin, lambda x: abs(x) <= 1, [0.0, 0.5, 1.0, 2.0 ** -27], (-1.0, 1.0),
             (-1074, 0)),
    'acos': (mpmath.acos, lambda x: abs(x) <= 1, [0.0, 0.5, 1.0, 2.0 ** -54], (-1.0, 1.0),
             (-80, 0)),
    'atan': (mpmath.atan, lambda x: True, [0.0, 0.66, 1.0, 1.5574077246549023, 1.5575, 1e16,
                                           largest], (-3.0, 3.0), (-1074, 100)),
    'cbrt': (lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), lambda x: True,
             [2.0 ** k for k in (-1074, -1073, -1072, -1023, -1022, -1021, -3, -2, -1, 0, 1, 2, 3,
                                 1023)] + [27.0, 1e15, largest, smallest_normal],
             (-30.0, 30.0), (-1074, 1024)),
    'erf': (mpmath.erf, lambda x: True, [0.0, 0.65, 0.9, 1.0, 5.92, 6.0, 26.0], (-3.0, 3.0),
            (-1074, 3)),
    'erfc': (mpmath.erfc, lambda x: abs(x) < 1000, [0.0, 0.65, 0.9, 3.5, 5.8, 26.0, 26.543, 27.226,
                                                    27.5], (-6.0, 27.3), (-60, 5)),
}


def points(rng, name, edges, working, logarithmic):
    for edge in edges:
        for x in neighbours(edge):
            yield x
            yield -x
    if name in ('sin', 'cos', 'tan'):
        for x in quarter_turns(rng):
            yield x
            yield -math.nextafter(x, 0.0)
    while True:
        kind = rng.random()
        if kind < 0.2:
            yield random_bits(rng)
        elif kind < 0.4:
            yield signed_power(rng, *logarithmic)
        elif kind < 0.45:
            yield rng.choice((-1, 1)) * (1 - 2.0 ** rng.uniform(-53, -1))
        elif kind < 0.5:
            yield rng.uniform(-2e5, 2e5)
        else:
            yield rng.uniform(*working)


def plane_points(rng):
    """Pairs over all magnitudes and directions, and near the breakpoints of atan2 and hypot."""
    corners = [5e-324, smallest_normal, 1e-130, 1e-20, 0.5, 1.0, 3.0, 1e20, 1e150, 1e300, largest]
    for y in corners:
        for x in corners:
            yield y, x
            yield -y, -x
    for slope in (0.66, 1.5575, 1.0):
        for x in (1.0, 0.3, 7e-310, 2e307):
            for y in neighbours(slope * x, 3):
                yield y, x
                yield y, -x
    for edge in (1e-130, 1e150, 1e300):
        for y in neighbours(edge, 2):
            yield y, y * 0.75
            yield -y * 0.1, -y
    while True:
        kind = rng.random()
        if kind < 0.15:
            yield random_bits(rng), random_bits(rng)
        elif kind < 0.4:
            x = signed_power(rng, -1074, 1023)
            yield x * signed_power(rng, -2, 0), x
        elif kind < 0.5:
            yield signed_power(rng, -1074, -1015), signed_power(rng, -1074, -1015)
        elif kind < 0.6:
            yield signed_power(rng, -10, 10), signed_power(rng, -10, 10)
        else:
            yield rng.uniform(-3, 3), rng.uniform(-3, 3)


plane_functions = {
    'atan2': lambda y, x: mpmath.atan2(mpf(y), mpf(x)),
    'hypot': lambda y, x: mpmath.sqrt(mpf(y) ** 2 + mpf(x) ** 2),
}


def main():
    for name, (function, domain, edges, working, logarithmic) in functions.items():
        rng = random.Random('nadir ' + name)
        table = {}
        for x in points(rng, name, edges, working, logarithmic):
            if len(table) == rows:
                break
            if math.isfinite(x) and domain(x) and x != 0 and x not in table:
                table[x] = pair(function(mpf(x)))
        elementary.write(name, ((x, *value) for x, value in table.items()))
    for name, function in plane_functions.items():
        rng = random.Random('nadir ' + name)
        table = {}
        for y, x in plane_points(rng):
            if len(table) == rows:
                break
            if math.isfinite(x) and math.isfinite(y) and x != 0 and y != 0 and (y, x) not in table:
                table[y, x] = pair(function(y, x))
        elementary.write(name, ((y, x, *value) for (y, x), value in table.items()))


if __name__ == '__main__':
    main()
