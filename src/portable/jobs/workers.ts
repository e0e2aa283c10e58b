// Jobs over worker threads. One pool serves every job: its threads answer chunks in the order in
// which they came, two on the way to each so that none waits for the other side. Threads keep the
// process alive only while a job runs, and end after some idle seconds. Where there are no threads
// the reason is kept and the job stays on the thread of the caller.

import type { Worker } from 'node:worker_threads';
import type { FitJob } from '../../engine/engine.ts';
import type { Progress } from './progress.ts';
import { WorkSource, type Range, type Sent } from './work-source.ts';
import type { FromWorker, ToWorker } from './worker.ts';

const chunksInFlight = 2;
/** A chunk that is expected to take longer has its thread to itself, and nobody waits behind it. */
const longChunkMs = 50;
const idleMs = 5000;
/** How often time limits and listeners are served while no chunk comes back. */
const tickMs = 10;

let unavailable: string | undefined;

/** Why fits cannot run in worker threads here, as far as is known; undefined when they can. */
export function whyNoWorkers(): string | undefined {
  if (unavailable === undefined) {
    if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function')
      unavailable = 'worker threads exist in Node.js only';
    else if (!import.meta.url.startsWith('file:') || import.meta.url.endsWith('.ts'))
      unavailable = 'worker threads need the compiled files of the package';
  }
  return unavailable;
}

/** One thread of the pool. */
class Member {
  readonly thread: Worker;
  readonly inFlight: Sent[] = [];
  readonly jobs: Set<number> = new Set();
  isReady = false;

  constructor(thread: Worker) {
    this.thread = thread;
  }

  post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.thread.postMessage(message, transfer);
  }

  /** Whether a chunk of this job may be sent now. */
  accepts(source: WorkSource): boolean {
    return this.inFlight.length < chunksInFlight &&
      this.inFlight.every((sent) => sent.expectedMs <= longChunkMs) &&
      (this.jobs.has(source.id) ||
        members.filter(({ jobs }) => jobs.has(source.id)).length < source.threads);
  }
}

const members: Member[] = [];
/** Jobs in the order in which they are served next. */
const sources: WorkSource[] = [];
let idleTimer: NodeJS.Timeout | undefined;

/** Number of threads that are alive: a job is given to them sooner than to threads yet to start. */
export function liveWorkers(): number {
  return members.length;
}

/**
 * Runs the fits from `begin` on in at most `threads` threads. Resolves when no chunk is on its way
 * any more, with the fits that are left for the thread of the caller: none, unless the job was
 * stopped, a thread died or none could be started.
 */
export function runOnWorkers(
  job: FitJob,
  progress: Progress,
  begin: number,
  threads: number,
  pointsPerMs: number,
): Promise<readonly Range[]> {
  return new Promise((resolve) => {
    const tick = setInterval(() => progress.check(), tickMs);
    const source = new WorkSource(job, progress, begin, threads, pointsPerMs, () => {
      clearInterval(tick);
      progress.onStop = null;
      remove(source);
      const { rest, returned } = source;
      resolve(rest.begin < rest.end ? [...returned, rest] : returned);
    });
    progress.onStop = () => {
      Atomics.store(source.stop, 0, progress.stopCode);
      source.close();
    };
    add(source);
  });
}

function add(source: WorkSource): void {
  clearTimeout(idleTimer);
  for (const { thread } of members) thread.ref();
  sources.push(source);
  pump();
}

function remove(source: WorkSource): void {
  const at = sources.indexOf(source);
  if (at < 0) return;
  sources.splice(at, 1);
  for (const member of members)
    if (member.jobs.delete(source.id)) member.post({ kind: 'drop', job: source.id });
  if (sources.length > 0) return;
  for (const { thread } of members) thread.unref();
  idleTimer = setTimeout(() => {
    for (const { thread } of members.splice(0)) void thread.terminate();
  }, idleMs);
  idleTimer.unref();
}

/** Sends chunks while a thread has room for one, and starts the threads that are missing. */
function pump(): void {
  for (let isSending = true; isSending; ) {
    isSending = false;
    for (const source of [...sources]) {
      if (!source.hasWork) continue;
      const member = memberFor(source);
      if (member !== undefined) {
        send(member, source);
        isSending = true;
      } else if (members.length === 0) {
        source.close();
      }
    }
  }
}

/** An idle thread, else a new one, else one that has room for a second chunk. */
function memberFor(source: WorkSource): Member | undefined {
  const open = members.filter((member) => member.accepts(source));
  return open.find((member) => member.inFlight.length === 0) ??
    (members.length < source.threads ? startMember() : undefined) ?? open[0];
}

function send(member: Member, source: WorkSource): void {
  let sent: Sent | undefined;
  try {
    const taken = source.take();
    if (taken === null) return;
    sent = taken.sent;
    if (!member.jobs.has(source.id)) {
      member.post(source.head());
      member.jobs.add(source.id);
    }
    member.post(taken.message, taken.transfer);
    member.inFlight.push(sent);
    // Jobs take turns.
    sources.push(...sources.splice(sources.indexOf(source), 1));
  } catch {
    // No room for the slices of this chunk: the thread of the caller needs none.
    if (sent !== undefined) source.giveBack(sent);
    source.close();
  }
}

function startMember(): Member | undefined {
  if (whyNoWorkers() !== undefined) return undefined;
  try {
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    // Without the arguments of this process: a loader or an inspector is no business of the thread.
    const file = new URL('./worker.js', import.meta.url);
    const thread = new Worker(file, { name: 'nadir', execArgv: [] });
    const member = new Member(thread);
    thread.on('message', (message: FromWorker) => receive(member, message));
    thread.on('messageerror', (error) => lose(member, error));
    thread.on('error', (error) => lose(member, error));
    thread.on('exit', (code) => lose(member, new Error(`exit code ${code}`)));
    members.push(member);
    return member;
  } catch (error) {
    unavailable = `a worker thread could not be started: ${String(error)}`;
    return undefined;
  }
}

function receive(member: Member, message: FromWorker): void {
  if (message.kind === 'ready') {
    member.isReady = true;
    return;
  }
  const sent = member.inFlight.shift();
  if (sent === undefined) return;
  if (message.kind === 'outputs') sent.source.deliver(sent, message);
  else sent.source.giveBack(sent);
  pump();
}

/** A thread has died: its chunks go back to their jobs; it is replaced if there is more to do. */
function lose(member: Member, error: unknown): void {
  const at = members.indexOf(member);
  if (at < 0) return;
  members.splice(at, 1);
  if (!member.isReady) unavailable = `a worker thread could not be started: ${String(error)}`;
  void member.thread.terminate();
  for (const sent of member.inFlight.splice(0)) sent.source.giveBack(sent);
  pump();
}
