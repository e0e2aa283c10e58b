// The four problems of the bench, the same numbers on every machine of the same Math library:
//   P1  exponential decay, 3 parameters, 64 points
//   P2  Gaussian + offset, 4 parameters, 50 points
//   P3  two-dimensional Gaussian on 15 × 15 pixels, 5 parameters; amplitude 500, width 2,
//       background 10 and a signal-to-noise ratio of 10, the setting in which GPU fitters of
//       localisation microscopy are compared (Przybylski et al. 2017, "Gpufit", Scientific
//       Reports 7)
//   P4  two Lorentzians + line, 8 parameters, 200 points
// Starts are the true values, disturbed. Models are plain arrow functions, as users write them.

/**
 * The generator sfc32 (Doty-Humphrey, PractRand) with 20 outputs discarded; 53-bit uniforms,
 * Box–Muller normals.
 */
export function stream(seed) {
  let a = seed | 0,
    b = 0x9e3779b9 | 0,
    c = 0x243f6a88 | 0,
    counter = 1;
  const next = () => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  for (let i = 0; i < 20; i++) next();
  const unit = () => {
    const high = next();
    return (high * 2 ** 21 + (next() >>> 11)) / 2 ** 53;
  };
  let spare = null;
  const normal = () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - unit()));
    const angle = 2 * Math.PI * unit();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform: (low, high) => low + (high - low) * unit(), normal };
}

const grid = (points, step) => Float64Array.from({ length: points }, (_, i) => step(i));

// `draw` gives the true values and the start; the order of the draws is part of the data.
const definitions = {
  P1: {
    title: 'exponential decay',
    names: ['a', 'b', 'c'],
    seed: 101,
    noise: 0.02,
    x: grid(64, (i) => (4 * i) / 63),
    model: (x, p) => p.a * Math.exp(-p.b * x) + p.c,
    draw: ({ uniform }) => ({
      truth: [uniform(1, 3), uniform(0.5, 2), uniform(0, 1)],
      start: [1.5, 1, 0.3],
    }),
  },
  P2: {
    title: 'Gaussian + offset',
    names: ['a', 'mu', 's', 'b'],
    seed: 202,
    noise: 0.5,
    x: grid(50, (i) => i),
    model: (x, p) => {
      const d = x - p.mu;
      return p.a * Math.exp((-d * d) / (2 * p.s * p.s)) + p.b;
    },
    draw: ({ uniform }) => {
      const truth = [uniform(5, 15), uniform(20, 30), uniform(3, 6), uniform(0.5, 1.5)];
      const [a, mu, s, b] = truth;
      return {
        truth,
        start: [
          a * uniform(0.7, 1.3),
          mu + uniform(-2, 2),
          s * uniform(0.7, 1.4),
          b * uniform(0.5, 1.5),
        ],
      };
    },
  },
  P3: {
    title: '2-D Gaussian',
    names: ['a', 'cx', 'cy', 's', 'b'],
    seed: 303,
    // Mean intensity over the spot, divided by the signal-to-noise ratio.
    noise: (2 * Math.PI * 500 * 4) / (4.292 * 2) ** 2 / 10,
    x: grid(225, (i) => i),
    model: (i, p) => {
      const dx = (i % 15) - p.cx;
      const dy = Math.floor(i / 15) - p.cy;
      return p.a * Math.exp(-(dx * dx + dy * dy) / (2 * p.s * p.s)) + p.b;
    },
    predictors: { ix: grid(225, (i) => i % 15), iy: grid(225, (i) => Math.floor(i / 15)) },
    modelOfPredictors: (x, p) => {
      const dx = x.ix - p.cx;
      const dy = x.iy - p.cy;
      return p.a * Math.exp(-(dx * dx + dy * dy) / (2 * p.s * p.s)) + p.b;
    },
    draw: ({ uniform }) => {
      const truth = [500, 7, 7, 2, 10].map((value) => value * uniform(0.9, 1.1));
      return { truth, start: truth.map((value) => value * uniform(0.9, 1.1)) };
    },
  },
  P4: {
    title: 'two Lorentzians + line',
    names: ['a1', 'x1', 'w1', 'a2', 'x2', 'w2', 'c', 'd'],
    seed: 404,
    noise: 0.03,
    x: grid(200, (i) => (10 * i) / 199),
    model: (x, p) => {
      const d1 = x - p.x1,
        d2 = x - p.x2;
      const u = p.w1 * p.w1,
        v = p.w2 * p.w2;
      return (p.a1 * u) / (d1 * d1 + u) + (p.a2 * v) / (d2 * d2 + v) + p.c + p.d * x;
    },
    draw: ({ uniform }) => {
      const truth = [
        uniform(1, 3),
        uniform(3, 4.2),
        uniform(0.3, 0.8),
        uniform(1, 3),
        uniform(5.8, 7),
        uniform(0.3, 0.8),
        uniform(0.1, 0.5),
        uniform(-0.03, 0.03),
      ];
      const peak = (at) => [
        truth[at] * uniform(0.7, 1.3),
        truth[at + 1] + uniform(-0.25, 0.25),
        truth[at + 2] * uniform(0.7, 1.4),
      ];
      return { truth, start: [...peak(0), ...peak(3), 0.2, 0] };
    },
  },
};

export const problemNames = Object.keys(definitions);

/**
 * One problem with its data: `y` is fits × points, `init` and `truth` are fits × names.length.
 * Where several predictors say the same as one, `predictors` and `modelOfPredictors` are given too.
 */
export function problem(name, fits) {
  const { draw, seed, ...rest } = definitions[name];
  const { names, x, model, noise } = rest;
  const random = stream(seed);
  const points = x.length;
  const y = new Float64Array(fits * points);
  const init = new Float64Array(fits * names.length);
  const truth = new Float64Array(fits * names.length);
  const values = Object.fromEntries(names.map((param) => [param, 0]));
  for (let k = 0; k < fits; k++) {
    const drawn = draw(random);
    truth.set(drawn.truth, k * names.length);
    init.set(drawn.start, k * names.length);
    names.forEach((param, j) => (values[param] = drawn.truth[j]));
    for (let i = 0; i < points; i++)
      y[k * points + i] = model(x[i], values) + noise * random.normal();
  }
  return { name, ...rest, fits, points, y, init, truth };
}
