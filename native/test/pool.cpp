// Jobs on threads: results do not depend on the number of threads, the instruction set or the
// company of other jobs; jobs can be stopped at any time and the pool closed with jobs in it.
// Worth most under ThreadSanitizer.
#include <math.h>

#include <memory>

#include "jobs/pool.h"
#include "jobs/select.h"
#include "optim/status.h"
#include "test/programs.h"

namespace nadir::test {
namespace {

constexpr int points = 24;
constexpr uint8_t untouched = 255;

// Decays with noise, and room for everything that a fit can give.
struct Curves {
  ProgramText text = decay();
  Program program;
  int64_t fits;
  std::vector<double> x, y, truth, init, params, ssr, stdErr, covariance, r2, residuals;
  std::vector<uint8_t> status;
  std::vector<uint16_t> iterations;
  Column column;

  explicit Curves(int64_t count, double noise = 1e-3) : fits(count) {
    NADIR_CHECK(text.read(program) == nullptr);
    Random random = {3};
    for (int i = 0; i < points; i++) x.push_back(0.25 * i);
    for (int64_t fit = 0; fit < fits; fit++) {
      const double a = random.uniform(1, 4), b = random.uniform(0.3, 1.5), c = random.uniform(0, 1);
      truth.insert(truth.end(), {a, b, c});
      for (const double at : x) y.push_back(a * exp(-b * at) + c + noise * random.uniform(-1, 1));
    }
    init = {2, 0.7, 0.3};
    clear();
  }

  void clear() {
    params.assign(3 * fits, NAN);
    ssr.assign(fits, NAN);
    stdErr.assign(3 * fits, NAN);
    covariance.assign(9 * fits, NAN);
    r2.assign(fits, NAN);
    residuals.assign(points * fits, NAN);
    status.assign(fits, untouched);
    iterations.assign(fits, 0);
  }

  FitBatch batch() {
    column = {x.data(), false};
    FitBatch batch = {};
    batch.program = &program;
    batch.fits = fits;
    batch.points = points;
    batch.x = &column;
    batch.xShared = true;
    batch.y = {y.data(), false};
    batch.init = init.data();
    batch.initShared = true;
    batch.ftol = batch.xtol = batch.gtol = 1e-10;
    batch.maxIter = 100;
    batch.params = params.data();
    batch.ssr = ssr.data();
    batch.status = status.data();
    batch.iterations = iterations.data();
    batch.stdErr = stdErr.data();
    batch.covariance = covariance.data();
    batch.r2 = r2.data();
    batch.residuals = residuals.data();
    return batch;
  }

  bool isSameAs(const Curves& other) const {
    return isSame(params, other.params) && isSame(ssr, other.ssr) && isSame(stdErr, other.stdErr) &&
           isSame(covariance, other.covariance) && isSame(r2, other.r2) &&
           isSame(residuals, other.residuals) && status == other.status &&
           iterations == other.iterations;
  }
};

void set(Job& job, Curves& curves, const Kernels& kernels, int threads) {
  job.batch = curves.batch();
  job.kernels = &kernels;
  job.threads = threads;
  job.maxSeconds = INFINITY;
  job.completed = nullptr;
  prepareJob(job);
}

// A job that is started and waited for elsewhere.
struct Started {
  Job job;
  Mutex mutex;
  Condition ended;
  bool isEnded = false;

  static void completed(Job* job) noexcept {
    Started& self = *reinterpret_cast<Started*>(job);  // its first member
    self.mutex.lock();
    self.isEnded = true;
    self.ended.wakeAll();
    self.mutex.unlock();
  }
  void wait() {
    mutex.lock();
    while (!isEnded) ended.wait(mutex);
    mutex.unlock();
  }
};

void testResults(Pool& pool) {
  Workspace workspace;
  Curves expected(1003);
  const auto job = std::make_unique<Job>();
  set(*job, expected, kernelsFor(Target::scalar, false), 1);
  participate(*job, workspace);
  NADIR_CHECK(job->done == expected.fits);
  for (int64_t fit = 0; fit < expected.fits; fit++) {
    NADIR_CHECK(expected.status[fit] <= static_cast<uint8_t>(Status::exact));
    for (int k = 0; k < 3; k++) {
      const double error = expected.params[3 * fit + k] - expected.truth[3 * fit + k];
      // Noise of 1e-3 at 24 points moves an estimate by some standard errors of at most 1e-3.
      NADIR_CHECK(fabs(error) < 0.02 && fabs(error) < 8 * expected.stdErr[3 * fit + k]);
    }
    NADIR_CHECK(expected.r2[fit] > 0.999 && expected.ssr[fit] < points * 1e-6);
  }

  for (int i = 0; i < targetCount; i++) {
    if (!isSupported(static_cast<Target>(i))) continue;
    for (const int threads : {1, 2, 5}) {
      Curves curves(1003);
      set(*job, curves, kernelsFor(static_cast<Target>(i), false), threads);
      pool.run(*job, workspace);
      NADIR_CHECK(job->done == curves.fits && curves.isSameAs(expected));
    }
  }

  Curves exact(64, 0);
  set(*job, exact, kernelsFor(bestTarget(), true), 2);
  pool.run(*job, workspace);
  for (int64_t i = 0; i < 3 * exact.fits; i++)
    NADIR_CHECK(fabs(exact.params[i] - exact.truth[i]) < 1e-9);

  // Some fits, none, and one.
  for (const int64_t fits : {0, 1, 7}) {
    Curves curves(fits);
    set(*job, curves, kernelsFor(bestTarget(), false), 3);
    pool.run(*job, workspace);
    NADIR_CHECK(job->done == fits);
  }
  workspace.release();
}

void testStart(Pool& pool) {
  Curves expected(500);
  Workspace workspace;
  const auto alone = std::make_unique<Job>();
  set(*alone, expected, kernelsFor(bestTarget(), false), 1);
  participate(*alone, workspace);

  // Several at once, while the caller runs one of its own.
  std::vector<std::unique_ptr<Curves>> curves;
  std::vector<std::unique_ptr<Started>> started;
  for (int i = 0; i < 6; i++) {
    curves.push_back(std::make_unique<Curves>(500));
    started.push_back(std::make_unique<Started>());
    set(started.back()->job, *curves.back(), kernelsFor(bestTarget(), false), 1 + i % 3);
    started.back()->job.completed = Started::completed;
    NADIR_CHECK(pool.start(started.back()->job));
  }
  Curves own(500);
  set(*alone, own, kernelsFor(bestTarget(), false), 4);
  pool.run(*alone, workspace);
  NADIR_CHECK(own.isSameAs(expected));
  for (int i = 0; i < 6; i++) {
    started[i]->wait();
    NADIR_CHECK(started[i]->job.done == 500 && curves[i]->isSameAs(expected));
  }
  workspace.release();
}

// Data that come while the job runs, x among them, and data that never come.
void testReady(Pool& pool) {
  Curves expected(500);
  Workspace workspace;
  const auto alone = std::make_unique<Job>();
  set(*alone, expected, kernelsFor(bestTarget(), false), 1);
  participate(*alone, workspace);

  for (const int threads : {1, 3}) {
    Curves curves(500);
    const std::vector<double> x = curves.x, y = curves.y;
    curves.x.assign(x.size(), NAN);
    curves.y.assign(y.size(), NAN);
    Started started;
    set(started.job, curves, kernelsFor(bestTarget(), false), threads);
    started.job.completed = Started::completed;
    started.job.ready = 0;
    NADIR_CHECK(pool.start(started.job));
    sleepThread(3);
    curves.x.assign(x.begin(), x.end());
    for (int64_t fit = 0; fit < curves.fits; fit += 50) {
      for (int64_t i = fit * points; i < (fit + 50) * points; i++) curves.y[i] = y[i];
      started.job.ready.store(fit + 50, std::memory_order_release);
      sleepThread(1);
    }
    started.wait();
    NADIR_CHECK(started.job.done == curves.fits && curves.isSameAs(expected));
  }

  for (const bool hasLimit : {true, false})
    for (const int64_t ready : {0, 100}) {
      Curves curves(500);
      Started started;
      set(started.job, curves, kernelsFor(bestTarget(), false), 2);
      started.job.completed = Started::completed;
      if (hasLimit) started.job.deadline = monotonicSeconds() + 0.02;
      started.job.ready = ready;
      NADIR_CHECK(pool.start(started.job));
      sleepThread(5);
      if (!hasLimit) started.job.stop(static_cast<int>(Status::aborted));
      started.wait();
      NADIR_CHECK(started.job.done <= ready && curves.status[499] == untouched);
    }
  workspace.release();
}

void testStop(Pool& pool) {
  const uint8_t aborted = static_cast<uint8_t>(Status::aborted);
  Curves expected(20000), curves(20000);
  Workspace workspace;
  const auto alone = std::make_unique<Job>();
  set(*alone, expected, kernelsFor(bestTarget(), false), 1);
  participate(*alone, workspace);

  long inTheMiddle = 0;
  for (int trial = 0; trial < 40; trial += divisor) {
    curves.clear();
    const auto started = std::make_unique<Started>();
    set(started->job, curves, kernelsFor(bestTarget(), false), 2);
    started->job.completed = Started::completed;
    NADIR_CHECK(pool.start(started->job));
    while (started->job.done.load() < 400 * trial) {
    }
    started->job.stop(aborted);
    started->wait();
    // What was not reached is as it was; what was finished is as if there had been no stop.
    int64_t finished = 0, left = 0;
    for (int64_t fit = 0; fit < curves.fits; fit++) {
      if (curves.status[fit] == untouched) {
        left++;
        NADIR_CHECK(isnan(curves.ssr[fit]) && isnan(curves.params[3 * fit]));
      } else if (curves.status[fit] != aborted) {
        finished++;
        NADIR_CHECK(curves.status[fit] == expected.status[fit] && isSame(curves.ssr[fit], expected.ssr[fit]));
      }
    }
    NADIR_CHECK(started->job.done <= finished);
    if (finished > 0 && left > 0) inTheMiddle++;
  }
  NADIR_CHECK(inTheMiddle > 5 / divisor);

  curves.clear();
  set(*alone, curves, kernelsFor(bestTarget(), false), 2);
  alone->maxSeconds = 0;
  prepareJob(*alone);
  pool.run(*alone, workspace);
  NADIR_CHECK(alone->stopCode == static_cast<int>(Status::maxSeconds) && alone->done == 0);
  workspace.release();
}

void testClose() {
  for (int trial = 0; trial < 20; trial++) {
    const auto pool = std::make_unique<Pool>();
    Curves curves(5000);
    const auto started = std::make_unique<Started>();
    set(started->job, curves, kernelsFor(bestTarget(), false), 3);
    started->job.completed = Started::completed;
    NADIR_CHECK(pool->start(started->job));
    while (started->job.done.load() < 100 * trial) {
    }
    pool->close(static_cast<int>(Status::aborted));
    NADIR_CHECK(started->isEnded);

    // And the pool goes on working.
    curves.clear();
    const auto job = std::make_unique<Job>();
    Workspace workspace;
    set(*job, curves, kernelsFor(bestTarget(), false), 2);
    pool->run(*job, workspace);
    NADIR_CHECK(job->done == curves.fits);
    pool->close(static_cast<int>(Status::aborted));
    workspace.release();
  }
}

}  // namespace

void testPool() {
  const auto pool = std::make_unique<Pool>();
  testResults(*pool);
  testStart(*pool);
  testReady(*pool);
  testStop(*pool);
  pool->close(static_cast<int>(Status::aborted));
  testClose();
}

}  // namespace nadir::test
