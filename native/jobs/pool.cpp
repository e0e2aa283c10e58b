// Threads that take part in jobs. Every job in the queue is joined by at most job.threads of them,
// in the order in which jobs came.
#include "jobs/pool.h"

#include "optim/status.h"

namespace nadir {
namespace {

// Reading the clock costs about as much as evaluating ten points; once in this many it is free, and
// at 10 million points a second the limit is still noticed within 10 ms.
constexpr int64_t pointsPerClock = 100000;
// A look and a yield take about 0.5 µs. A slice takes 1 to 2 ms, and threads that keep yielding get
// in its way where there are no more processors than threads.
constexpr int looksBeforeSleep = 100;
constexpr double noLimit = __builtin_inf();

// One thread's part in a job: the context of its WorkSource.
struct Participant {
  Job* job;
  int64_t pointsSinceClock;
  bool isStopped;
};

bool isOver(Job& job) noexcept {
  if (job.deadline == noLimit || monotonicSeconds() < job.deadline) return false;
  job.stop(static_cast<int>(Status::maxSeconds));
  return true;
}

// Waits until the data of all fits before `end` are in place; false when the job stops before. They
// come a slice per turn of the owner's event loop: soon, or after whatever he is doing instead.
bool awaitData(Job& job, int64_t end) noexcept {
  for (int looks = 0; job.ready.load(std::memory_order_acquire) < end; looks++) {
    if (job.stopCode.load(std::memory_order_relaxed) != notStopped || isOver(job)) return false;
    if (looks < looksBeforeSleep) yieldThread();
    else sleepThread(1);
  }
  return true;
}

bool claim(void* context, int64_t* begin, int64_t* end) {
  Job& job = *static_cast<Participant*>(context)->job;
  const int64_t fits = job.batch.fits;
  if (job.stopCode.load(std::memory_order_relaxed) != notStopped) return false;
  if (job.nextFit.load(std::memory_order_relaxed) >= fits || isOver(job)) return false;
  *begin = job.nextFit.fetch_add(job.rangeSize, std::memory_order_relaxed);
  if (*begin >= fits) return false;
  *end = fits - *begin < job.rangeSize ? fits : *begin + job.rangeSize;
  return awaitData(job, *end);
}

void finishedFits(void* context, int64_t count) {
  // What ends after the stop is left in progress, with the status of the stop.
  Participant& participant = *static_cast<Participant*>(context);
  if (!participant.isStopped) participant.job->done.fetch_add(count, std::memory_order_relaxed);
}

int stopCodeOf(void* context, int64_t points) {
  Participant& participant = *static_cast<Participant*>(context);
  Job& job = *participant.job;
  participant.pointsSinceClock += points;
  if (participant.pointsSinceClock >= pointsPerClock) {
    participant.pointsSinceClock = 0;
    isOver(job);
  }
  const int code = job.stopCode.load(std::memory_order_relaxed);
  participant.isStopped = code != notStopped;
  return code;
}

class Lock {
 public:
  explicit Lock(Mutex& mutex) noexcept : mutex_(mutex) { mutex_.lock(); }
  ~Lock() { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace

void Job::stop(int code) noexcept {
  int expected = notStopped;
  stopCode.compare_exchange_strong(expected, code, std::memory_order_relaxed);
}

void prepareJob(Job& job) noexcept {
  const int64_t lanes = job.kernels->lanes, fits = job.batch.fits;
  // Small ranges, so that threads finish together: a kernel refills its lanes across ranges, and a
  // claim costs 20 ns. Fewer fits than lanes would leave lanes empty without saving a round.
  const int64_t eighths = fits / (int64_t{8} * job.threads);
  job.rangeSize = eighths >= 4 * lanes ? 4 * lanes : (eighths + lanes) / lanes * lanes;
  job.deadline = job.maxSeconds == noLimit ? noLimit : monotonicSeconds() + job.maxSeconds;
  job.nextFit.store(0, std::memory_order_relaxed);
  job.done.store(0, std::memory_order_relaxed);
  job.ready.store(job.batch.fits, std::memory_order_relaxed);
  job.stopCode.store(notStopped, std::memory_order_relaxed);
  job.outOfMemory.store(false, std::memory_order_relaxed);
  job.participants = 0;
  job.drained = false;
  job.finished = false;
  job.following = nullptr;
}

int usefulThreads(const Job& job) noexcept {
  const int64_t ranges = (job.batch.fits + job.rangeSize - 1) / job.rangeSize;
  return ranges < job.threads ? static_cast<int>(ranges) : job.threads;
}

void participate(Job& job, Workspace& workspace) noexcept {
  // What all fits share is read before the first range is claimed. It comes with the first fit.
  if (!awaitData(job, job.batch.fits < 1 ? 0 : 1)) return;
  void* const memory = workspace.reserve(job.kernels->fitWorkspace(job.batch));
  if (memory == nullptr) {
    job.outOfMemory.store(true, std::memory_order_relaxed);
    job.stop(static_cast<int>(Status::aborted));
    return;
  }
  Participant participant = {&job, 0, false};
  const WorkSource source = {&participant, claim, finishedFits, stopCodeOf};
  job.kernels->fit(job.batch, memory, source);
  workspace.trim();
}

void Pool::run(Job& job, Workspace& workspace) noexcept {
  const int others = usefulThreads(job) - 1;
  ensureThreads(others);
  job.participants = 1;
  enqueue(job, true, others);
  participate(job, workspace);
  Lock lock(mutex_);
  leave(job);
  while (!job.finished) finished_.wait(mutex_);
}

bool Pool::start(Job& job) noexcept {
  const int useful = usefulThreads(job), wanted = useful < 1 ? 1 : useful;
  if (ensureThreads(wanted) == 0) return false;
  enqueue(job, false, wanted);
  return true;
}

void Pool::close(int stopCode) noexcept {
  {
    Lock lock(mutex_);
    closing_ = true;
    for (Job* job = jobs_; job != nullptr; job = job->following) job->stop(stopCode);
    work_.wakeAll();
  }
  for (int i = 0; i < threadCount_; i++) threads_[i].join();
  threadCount_ = 0;
  closing_ = false;
}

int Pool::ensureThreads(int wanted) noexcept {
  if (wanted > maxThreads) wanted = maxThreads;
  while (threadCount_ < wanted && threads_[threadCount_].start<Body>(this)) threadCount_++;
  return threadCount_;
}

void Pool::enqueue(Job& job, bool first, int wanted) noexcept {
  Lock lock(mutex_);
  Job** const at = first ? &jobs_ : end_;
  job.following = *at;
  *at = &job;
  if (job.following == nullptr) end_ = &job.following;
  // Busy threads look for jobs before they sleep, so waking no more than can help loses nothing.
  for (int i = 0; i < wanted; i++) work_.wakeOne();
}

Job* Pool::runnable() noexcept {
  for (Job* job = jobs_; job != nullptr; job = job->following)
    if (!job->drained && job->participants < job->threads) return job;
  return nullptr;
}

void Pool::leave(Job& job) noexcept {
  job.drained = true;
  if (--job.participants > 0) return;
  Job** at = &jobs_;
  while (*at != &job) at = &(*at)->following;
  *at = job.following;
  if (job.following == nullptr) end_ = at;
  job.finished = true;
  if (job.completed == nullptr) {
    finished_.wakeAll();
    return;
  }
  // The job may be gone as soon as its owner hears of the end. He may start another one from
  // within the call, so the mutex must not be held.
  mutex_.unlock();
  job.completed(&job);
  mutex_.lock();
}

void Pool::Body::run(void* argument) noexcept {
  Pool& pool = *static_cast<Pool*>(argument);
  Workspace workspace;
  pool.mutex_.lock();
  for (;;) {
    Job* const job = pool.runnable();
    if (job != nullptr) {
      job->participants++;
      pool.mutex_.unlock();
      participate(*job, workspace);
      pool.mutex_.lock();
      pool.leave(*job);
    } else if (pool.closing_) {
      break;
    } else {
      pool.work_.wait(pool.mutex_);
    }
  }
  pool.mutex_.unlock();
  workspace.release();
}

}  // namespace nadir
