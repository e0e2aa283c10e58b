# Writes distributions.json beside this file: rows [function, arguments, value], computed with mpmath
# at 120 digits from the integrals of the densities (hypergeometric series) and, for quantiles, by
# choosing the quantile first and taking its probability, which then is rounded to a double and
# inverted by Newton's method.
#
#   python3 test/data/statistics/make-distributions.py
import json
import os
import random

from mpmath import mp, mpf, loggamma, erfc, gammainc, betainc, sqrt, pi, exp, log, gamma, beta

mp.dps = 120
here = os.path.dirname(os.path.abspath(__file__))
rng = random.Random(20240501)
rows = []


def add(name, args, value):
    rows.append([name, args, float(value)])


def chi_tail(x, dof, upper):
    a, z = mpf(dof) / 2, mpf(x) / 2
    return gammainc(a, z, mp.inf, regularized=True) if upper else gammainc(a, 0, z, regularized=True)


def f_tail(x, d1, d2, upper):
    x, d1, d2 = mpf(x), mpf(d1), mpf(d2)
    if upper and max(d1, d2) > 2000:
        return 1 - f_tail(x, d1, d2, False)  # the series of the tail would converge too slowly
    if upper:
        return betainc(d2 / 2, d1 / 2, 0, d2 / (d2 + d1 * x), regularized=True)
    return betainc(d1 / 2, d2 / 2, 0, d1 * x / (d2 + d1 * x), regularized=True)


def newton(f, density, p, x):
    """The root of f(x) = p near x, on logarithms."""
    x = mpf(x)
    for _ in range(200):
        step = log(p / f(x)) * f(x) / density(x)
        step = max(mpf(-1) / 2, min(mpf(1) / 2, step))
        x += step
        if abs(step) < abs(x) * mpf(10) ** -30:
            break
    return x


dofs = [1, 2, 3, 4, 5, 7, 10, 17, 30, 64, 100, 255, 1000]
for _ in range(150):
    x = 10 ** rng.uniform(-3, 4)
    add('logGamma', [x], loggamma(mpf(x)))
for k in range(1, 60):
    add('logGamma', [k / 2], loggamma(mpf(k) / 2))
for _ in range(120):
    z = rng.uniform(-8, 37)
    add('normalSurvival', [z], erfc(mpf(z) / sqrt(mpf(2))) / 2)
for _ in range(120):
    p = rng.choice([rng.random(), 10 ** rng.uniform(-300, 0)])
    q = min(mpf(p), 1 - mpf(p))
    survival = lambda z: erfc(z / sqrt(mpf(2))) / 2
    z = newton(survival, lambda z: -exp(-z * z / 2) / sqrt(2 * pi), q, sqrt(-2 * log(q)) if q < 0.2 else mpf(0.3))
    add('normalQuantile', [p], -z if mpf(p) < 0.5 else z)
for _ in range(250):
    dof = rng.choice(dofs)
    x = dof * 10 ** rng.uniform(-2, 1.2)
    for upper in (False, True):
        value = chi_tail(x, dof, upper)
        if value > mpf(10) ** -290:
            add('chiSquareUpper' if upper else 'chiSquareLower', [x, dof], value)
for _ in range(300):
    d1, d2 = rng.choice(dofs), rng.choice(dofs)
    x = 10 ** rng.uniform(-2, 2)
    for upper in (False, True):
        value = f_tail(x, d1, d2, upper)
        if value > mpf(10) ** -290:
            add('fUpper' if upper else 'fLower', [x, d1, d2], value)
for _ in range(200):
    dof = rng.choice(dofs + [1e4, 1e6])
    t = 10 ** rng.uniform(-3, 1.3)
    add('studentTwoSided', [t, dof], f_tail(mpf(t) ** 2, 1, dof, True))
levels = [0.001, 0.01, 0.025, 0.05, 0.1, 0.3, 0.4999, 0.6, 0.75, 0.9, 0.95, 0.975, 0.995, 0.9995]
for dof in dofs:
    for p in levels:
        density = lambda x: x ** (mpf(dof) / 2 - 1) * exp(-x / 2) / (mpf(2) ** (mpf(dof) / 2) * gamma(mpf(dof) / 2))
        start = max(mpf(dof) * (1 - mpf(2) / (9 * dof)) ** 3, mpf(10) ** -6)
        lower = lambda x: chi_tail(x, dof, False)
        # In the logarithm of x, where the function is concave.
        u = newton(lambda u: lower(exp(u)), lambda u: density(exp(u)) * exp(u), mpf(p), log(start))
        add('chiSquareQuantile', [p, dof], exp(u))
for _ in range(120):
    d1, d2 = rng.choice(dofs), rng.choice(dofs)
    p = rng.choice(levels)
    a, b = mpf(d1) / 2, mpf(d2) / 2
    density = lambda u: (exp(u) * d1 / d2) ** a / (1 + exp(u) * d1 / d2) ** (a + b) / beta(a, b)
    u = newton(lambda u: f_tail(exp(u), d1, d2, False), density, mpf(p), mpf(0))
    add('fQuantile', [p, d1, d2], exp(u))
for dof in dofs + [1e4, 1e6]:
    for p in levels:
        q = min(mpf(p), 1 - mpf(p)) * 2
        a, b = mpf(1) / 2, mpf(dof) / 2
        density = lambda u: -((exp(u) / dof) ** a / (1 + exp(u) / dof) ** (a + b) / beta(a, b))
        u = newton(lambda u: f_tail(exp(u), 1, dof, True), density, q, mpf(-1))
        add('studentQuantile', [p, dof], -sqrt(exp(u)) if p < 0.5 else sqrt(exp(u)))

with open(os.path.join(here, 'distributions.json'), 'w') as out:
    out.write('[\n' + ',\n'.join(json.dumps(row) for row in rows) + '\n]\n')
print(len(rows), 'rows')
