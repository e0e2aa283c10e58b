// Fits of random programs to random data in every layout that a batch can have: whatever comes of
// them, every instruction set gives the same bits, each fit ends with a status, and nothing beyond
// the arrays is touched. Worth most under the sanitizers.
#include <math.h>

#include "jobs/select.h"
#include "jobs/workspace.h"
#include "optim/status.h"
#include "test/programs.h"

namespace nadir::test {
namespace {

struct Outputs {
  std::vector<double> params, ssr, stdErr, covariance, r2, residuals;
  std::vector<uint8_t> status;
  std::vector<uint16_t> iterations;

  Outputs(const FitBatch& batch, size_t points)
      : params(batch.fits * batch.program->params), ssr(batch.fits), stdErr(params.size()),
        covariance(batch.fits * batch.program->columns * batch.program->columns), r2(batch.fits),
        residuals(points), status(batch.fits, 255), iterations(batch.fits) {}

  bool isSameAs(const Outputs& other) const {
    return isSame(params, other.params) && isSame(ssr, other.ssr) && isSame(stdErr, other.stdErr) &&
           isSame(covariance, other.covariance) && isSame(r2, other.r2) &&
           isSame(residuals, other.residuals) && status == other.status &&
           iterations == other.iterations;
  }
};

// Hands out the fits in ranges of `size`.
struct Ranges {
  int64_t next, fits, size, finished;

  static bool claim(void* context, int64_t* begin, int64_t* end) {
    Ranges& self = *static_cast<Ranges*>(context);
    if (self.next >= self.fits) return false;
    *begin = self.next;
    self.next = self.next + self.size < self.fits ? self.next + self.size : self.fits;
    *end = self.next;
    return true;
  }
  static void count(void* context, int64_t fits) { static_cast<Ranges*>(context)->finished += fits; }
  static int goOn(void*, int64_t) { return -1; }
};

Outputs fit(const Kernels& kernels, FitBatch batch, size_t points, bool all, int64_t rangeSize) {
  Outputs out(batch, points);
  batch.params = out.params.data();
  batch.ssr = out.ssr.data();
  batch.status = out.status.data();
  batch.iterations = out.iterations.data();
  if (all) {
    batch.stdErr = out.stdErr.data();
    batch.covariance = out.covariance.data();
    batch.r2 = out.r2.data();
    batch.residuals = out.residuals.data();
  }
  Ranges ranges = {0, batch.fits, rangeSize, 0};
  Workspace workspace;
  kernels.fit(batch, workspace.reserve(kernels.fitWorkspace(batch)),
              {&ranges, Ranges::claim, Ranges::count, Ranges::goOn});
  workspace.release();
  NADIR_CHECK(ranges.finished == batch.fits);
  return out;
}

// Numbers in double or single precision, in memory of exactly their size.
struct Numbers {
  std::vector<double> doubles;
  std::vector<float> singles;

  Numbers(Random& random, size_t count, double low, double high) {
    const bool isSingle = random.below(4) == 0;
    for (size_t i = 0; i < count; i++) {
      const double value = random.uniform(low, high);
      if (isSingle) singles.push_back(static_cast<float>(value));
      else doubles.push_back(value);
    }
  }
  Column column() const {
    return singles.empty() ? Column{doubles.data(), false} : Column{singles.data(), true};
  }
};

}  // namespace

void testRandomFits() {
  Random random = {4};
  long succeeded = 0, failed = 0;
  for (int trial = 0; trial < 1500 / divisor; trial++) {
    // The decay now and then, so that some fits come to a good end.
    const ProgramText text = random.below(4) == 0 ? decay() : randomProgram(random);
    Program program;
    NADIR_CHECK(text.read(program) == nullptr);
    FitBatch batch = {};
    batch.program = &program;
    batch.fits = 1 + random.below(40);
    const bool isRagged = random.below(2) == 0;
    size_t points = 0, perFit = isRagged ? 0 : 1 + random.below(60);
    std::vector<uint32_t> offsets = {0};
    for (int64_t i = 0; i < batch.fits; i++) {
      points += isRagged ? 1 + random.below(60) : perFit;
      offsets.push_back(static_cast<uint32_t>(points));
    }
    batch.points = static_cast<int64_t>(perFit);
    batch.offsets = isRagged ? offsets.data() : nullptr;

    batch.xShared = !isRagged && random.below(2) == 0;
    std::vector<Numbers> x;
    std::vector<Column> columns;
    for (int k = 0; k < program.predictors; k++) x.emplace_back(random, batch.xShared ? perFit : points, 0, 4);
    for (const Numbers& numbers : x) columns.push_back(numbers.column());
    batch.x = columns.data();
    const Numbers y(random, points, 0, 3);
    batch.y = y.column();
    batch.sigmaShared = !isRagged && random.below(2) == 0;
    const Numbers sigma(random, batch.sigmaShared ? perFit : points, 0.1, 2);
    if (random.below(2) == 0) batch.sigma = sigma.column();
    batch.initShared = random.below(2) == 0;
    std::vector<double> init(program.params * (batch.initShared ? 1 : batch.fits));
    for (double& value : init) value = random.below(40) == 0 ? NAN : random.uniform(-2, 3);
    batch.init = init.data();
    batch.ftol = batch.xtol = batch.gtol = random.below(2) == 0 ? 1e-8 : 0;
    batch.maxIter = random.below(60);
    batch.covarianceFactor = random.below(2);

    const bool all = random.below(3) > 0;
    const Outputs expected = fit(kernelsFor(Target::scalar, false), batch, points, all, batch.fits);
    for (const uint8_t status : expected.status) {
      NADIR_CHECK(status <= static_cast<uint8_t>(Status::noProgress));
      (status <= static_cast<uint8_t>(Status::exact) ? succeeded : failed)++;
    }
    for (int i = 0; i < targetCount; i++) {
      const Target target = static_cast<Target>(i);
      if (!isSupported(target)) continue;
      const int64_t rangeSize = 1 + random.below(static_cast<int>(batch.fits));
      const bool isEqual = fit(kernelsFor(target, false), batch, points, all, rangeSize).isSameAs(expected);
      NADIR_CHECK(isEqual);
      if (!isEqual) printf("  trial %d on %s\n", trial, nameOf(target));
      fit(kernelsFor(target, true), batch, points, all, rangeSize);
    }
  }
  NADIR_CHECK(succeeded > 1000 / divisor && failed > 1000 / divisor);
}

}  // namespace nadir::test
