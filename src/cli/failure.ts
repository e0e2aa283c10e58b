// What can go wrong at the keyboard, and the exit codes of the command.

export const exitCode: {
  readonly fitted: 0;
  readonly someFailed: 1;
  readonly usage: 2;
  readonly fault: 3;
  readonly interrupted: 130;
} = {
  fitted: 0,
  someFailed: 1,
  usage: 2, // options, unreadable files, missing columns, models that do not parse
  fault: 3, // a fault of nadir itself
  interrupted: 130, // 128 + SIGINT, as shells have it
};

/** A problem the user can mend: printed as one message, without a stack. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}
