// Jobs of many fits on the project's own threads. Threads claim ranges of fits from a shared
// counter; what a fit gives does not depend on who runs it, so results never depend on the number
// of threads. One pool belongs to one environment: it ends with it and shares nothing.
#pragma once

#include <atomic>

#include "jobs/fit-batch.h"
#include "jobs/threads.h"
#include "jobs/workspace.h"

namespace nadir {

constexpr int maxThreads = 1024;
constexpr int notStopped = -1;

// One batch and its progress. The members above the line are set by the owner before the start.
struct Job {
  FitBatch batch;
  const Kernels* kernels;
  int threads;        // most that work on it at a time, the calling thread included
  double maxSeconds;  // infinity for no limit
  // Called once, by the thread that leaves the job last, as the last thing that is done with it;
  // null for a job that somebody waits for in Pool::run.
  void (*completed)(Job* job) noexcept;
  // ----
  int64_t rangeSize;
  double deadline;
  std::atomic<int64_t> nextFit;
  std::atomic<int64_t> done;
  // Fits before this one have their data in place, and so has what all fits share: all of them,
  // unless the owner brings the data while the job runs.
  std::atomic<int64_t> ready;
  std::atomic<int> stopCode;  // a Status, or notStopped
  std::atomic<bool> outOfMemory;
  // Guarded by the pool's mutex.
  int participants;
  bool drained;  // no range is left: nobody need join any more
  bool finished;
  Job* following;

  // Fits in progress are left with this status. The first caller wins.
  void stop(int code) noexcept;
};

// Sets the members below the line. `points` is the number of points of all fits together.
void prepareJob(Job& job) noexcept;

// Number of threads that have something to do.
int usefulThreads(const Job& job) noexcept;

// Takes part in the job until no range is left. For a job that is not in a pool this is all of it.
void participate(Job& job, Workspace& workspace) noexcept;

class Pool {
 public:
  // Runs the job on the calling thread and on threads of the pool; returns when it is finished.
  void run(Job& job, Workspace& workspace) noexcept;

  // Begins the job on threads of the pool alone. False when no thread could be had.
  bool start(Job& job) noexcept;

  // Stops all jobs, waits for them and ends the threads. The pool may be used again afterwards.
  void close(int stopCode) noexcept;

 private:
  struct Body {
    static void run(void* pool) noexcept;
  };

  int ensureThreads(int wanted) noexcept;
  void enqueue(Job& job, bool first, int wanted) noexcept;
  void leave(Job& job) noexcept;  // with the mutex held
  Job* runnable() noexcept;       // with the mutex held

  Mutex mutex_;
  Condition work_;      // there may be a job to join, or the pool closes
  Condition finished_;  // a job that somebody waits for may be finished
  Job* jobs_ = nullptr;
  Job** end_ = &jobs_;  // where the next job is linked in
  bool closing_ = false;
  int threadCount_ = 0;  // touched by the owner's thread alone, as are the threads
  Thread threads_[maxThreads];
};

}  // namespace nadir
