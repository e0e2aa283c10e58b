// A first fit: a cooling cup of tea, an exponential decay towards the temperature of the room.
// Run: node examples/first-model.mjs
import { curveFit } from 'nadir';

const minutes = [0, 2, 5, 8, 12, 16, 20, 25, 30, 40, 50, 60];
const celsius = [89.8, 83.4, 75.6, 68.1, 60.6, 53.6, 48.7, 43.4, 39.2, 32.9, 29.4, 26.2];

const fit = curveFit({
  x: minutes,
  y: celsius,
  // any plain function; nadir reads it, differentiates it exactly and compiles it
  model: (t, p) => p.room + p.excess * Math.exp(-p.rate * t),
  // where the search begins
  params: { room: 20, excess: 60, rate: 0.1 },
});

console.log(fit.report());
console.log(`Half of the excess is gone after ${(Math.LN2 / fit.values.rate).toFixed(1)} minutes.`);
console.log(`After 90 minutes the tea will have ${fit.predict([90])[0].toFixed(1)} °C.`);
