import { describe, expect, it } from 'vitest';
import { portableEngine } from '../../src/engine/portable.ts';
import { nativeEngine, whyNotNative, binaryPath } from '../../src/engine/portable-only.ts';
import { statusCode, lastSuccess } from '../../src/portable/optim/status.ts';
import { again, decay, decayCallback, decayJob, untouched } from './fixtures.ts';

const options = { threads: 1, maxSeconds: Infinity };

describe('portable engine, synchronous', () => {
  it('does nothing for a job without fits', () => {
    const job = decayJob(0);
    expect(portableEngine.fitBatchSync(job, options)).toEqual({ done: 0, stopped: null });
  });

  it('runs every fit to a status of its own', () => {
    const job = decayJob(300, { sigma: 'own', ownInit: true });
    expect(portableEngine.fitBatchSync(job, options)).toEqual({ done: 300, stopped: null });
    expect(Math.max(...job.outputs.status)).toBeLessThanOrEqual(lastSuccess);
    // The noise has a standard deviation of 0.01, sigma is near 0.02: χ² is well under 64.
    expect(job.outputs.ssr.every((ssr) => ssr > 5 && ssr < 100)).toBe(true);
  });

  it('gives a fit alone the bits it has in a batch', () => {
    const batch = decayJob(20, { ownInit: true });
    portableEngine.fitBatchSync(batch, options);
    for (let k = 0; k < 20; k++) {
      const alone = again({
        ...batch,
        fits: 1,
        y: batch.y.slice(64 * k, 64 * k + 64),
        init: batch.init.slice(3 * k, 3 * k + 3),
      });
      portableEngine.fitBatchSync(alone, options);
      expect(Array.from(alone.outputs.params)).toEqual(
        Array.from(batch.outputs.params.slice(3 * k, 3 * k + 3)),
      );
      expect(alone.outputs.ssr[0]).toBe(batch.outputs.ssr[k]);
    }
  });

  it('stops at maxSeconds, keeps what is done and leaves the rest alone', () => {
    const job = decayJob(
      4000,
      {},
      decayCallback(() => {
        const until = performance.now() + 0.01;
        while (performance.now() < until);
      }),
    );
    const { done, stopped } = portableEngine.fitBatchSync(job, { threads: 1, maxSeconds: 0.1 });
    expect(stopped).toBe('maxSeconds');
    expect(done).toBeLessThan(4000);
    const { status, params } = job.outputs;
    expect(status.slice(0, done).every((code) => code <= lastSuccess)).toBe(true);
    expect([untouched, statusCode.maxSeconds]).toContain(status[done]);
    expect(status.slice(done + 1).every((code) => code === untouched)).toBe(true);
    expect(params.slice(3 * (done + 1)).every((value) => value === untouched)).toBe(true);
  });

  it('begins nothing when there is no time at all', () => {
    let calls = 0;
    const job = decayJob(
      5,
      {},
      decayCallback(() => calls++),
    );
    expect(portableEngine.fitBatchSync(job, { threads: 1, maxSeconds: 0 })).toEqual({
      done: 0,
      stopped: 'maxSeconds',
    });
    expect(calls).toBe(0);
  });

  it('passes on what a model throws, as it was thrown', () => {
    const error = new Error('from the model');
    const job = decayJob(
      5,
      {},
      decayCallback(() => {
        throw error;
      }),
    );
    expect(() => portableEngine.fitBatchSync(job, options)).toThrow(error);
  });

  it('evaluates a program and its derivatives', () => {
    const value = new Float64Array(2),
      jacobian = new Float64Array(6);
    portableEngine.evaluate(
      decay,
      [Float64Array.of(0, 1)],
      2,
      Float64Array.of(2, 0, 5),
      value,
      jacobian,
    );
    expect(Array.from(value)).toEqual([7, 7]);
    expect(Array.from(jacobian)).toEqual([1, -0, 1, 1, -2, 1]);
  });
});

describe('without a native engine', () => {
  it('says so', () => {
    expect(nativeEngine()).toBeNull();
    expect(whyNotNative()).toMatch(/Node\.js/);
    expect(binaryPath()).toBeUndefined();
  });
});
