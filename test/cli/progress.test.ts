import { expect, it } from 'vitest';
import { Progress } from '../../src/cli/progress.ts';

function recorder(isTTY: boolean): { isTTY: boolean; text: string; write(text: string): void } {
  return {
    isTTY,
    text: '',
    write(text) {
      this.text += text;
    },
  };
}

it('prints a line per ten percent where there is no terminal', () => {
  const sink = recorder(false);
  let time = 0;
  const progress = new Progress(sink, () => time);
  for (let done = 0; done <= 1000; done += 25) {
    progress.update('fitting', done, 1000, 'groups');
    time += 100;
  }
  const lines = sink.text.trimEnd().split('\n');
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe('fitting: 10 % of 1,000 groups');
  expect(lines[9]).toBe('fitting: 100 % of 1,000 groups');
});

it('redraws one line on a terminal and takes it away', () => {
  const sink = recorder(true);
  let time = 0;
  const progress = new Progress(sink, () => time);
  progress.update('fitting', 0, 1000, 'groups');
  time = 600;
  progress.update('fitting', 450, 1000, 'groups', 72);
  time = 650;
  progress.update('fitting', 460, 1000, 'groups', 71);
  progress.clear();
  progress.clear();
  expect(sink.text).toBe('\r\x1b[2Kfitting: 450 of 1,000 groups (45 %), 1 min 12 s left\r\x1b[2K');
});

it('says nothing of short jobs', () => {
  const sink = recorder(true);
  const progress = new Progress(sink, () => 0);
  progress.update('fitting', 5, 10, 'groups');
  progress.clear();
  expect(sink.text).toBe('');
});

it('says nothing where no sink is given', () => {
  let readings = 0;
  const progress = new Progress(null, () => readings++);
  progress.update('fitting', 5, 10, 'groups');
  progress.clear();
  expect(readings).toBe(0);
});
