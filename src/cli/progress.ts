// How far a long job is: one line that is redrawn on a terminal, a line per ten percent elsewhere,
// nothing for jobs that are over before anybody wonders.

import { formatCount, formatSeconds } from './number-text.ts';

export interface ProgressSink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Milliseconds before the first sign of life, and between two drawings of the line. */
const patience = 500;
const redrawEvery = 100;
const eraseLine = '\r\x1b[2K';

export class Progress {
  readonly #sink: ProgressSink | null;
  readonly #now: () => number;
  #phase = '';
  #phaseStart = 0;
  #lastDrawn = -Infinity;
  #lastTenth = 0;
  #isDrawn = false;

  /** @param sink where it is shown; null for nowhere */
  constructor(sink: ProgressSink | null, now: () => number = () => performance.now()) {
    this.#sink = sink;
    this.#now = now;
  }

  /** @param total 0 where it is not known: shown on a terminal only */
  update(phase: string, done: number, total: number, unit: string, etaSeconds?: number): void {
    if (this.#sink === null) return;
    const time = this.#now();
    if (phase !== this.#phase) {
      this.clear();
      this.#phase = phase;
      this.#phaseStart = time;
      this.#lastTenth = 0;
    }
    if (time - this.#phaseStart < patience) return;
    const percent = total > 0 ? Math.floor((done / total) * 100) : 0;
    if (this.#sink.isTTY === true) {
      if (time - this.#lastDrawn < redrawEvery) return;
      this.#lastDrawn = time;
      this.#isDrawn = true;
      const of = total > 0 ? ` of ${formatCount(total)} ${unit} (${percent} %)` : ` ${unit}`;
      const left =
        etaSeconds !== undefined && etaSeconds >= 1
          ? `, ${formatSeconds(Math.round(etaSeconds))} left`
          : '';
      this.#sink.write(`${eraseLine}${phase}: ${formatCount(done)}${of}${left}`);
    } else if (Math.floor(percent / 10) > this.#lastTenth) {
      this.#lastTenth = Math.floor(percent / 10);
      this.#sink.write(`${phase}: ${this.#lastTenth * 10} % of ${formatCount(total)} ${unit}\n`);
    }
  }

  /** Takes the line off the terminal, before anything else is printed. */
  clear(): void {
    if (this.#isDrawn) this.#sink?.write(eraseLine);
    this.#isDrawn = false;
    this.#lastDrawn = -Infinity;
  }
}
