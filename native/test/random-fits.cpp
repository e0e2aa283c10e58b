// Fits of random programs to random data in every layout, with every loss, method and kind of
// bounds that a batch can have: whatever comes of them, every instruction set gives the same bits, a
// fit alone gives those that it has in the batch, each fit ends with a status and inside its bounds,
// and nothing beyond the arrays is touched. Worth most under the sanitizers.
#include <math.h>

#include "jobs/select.h"
#include "jobs/workspace.h"
#include "optim/status.h"
#include "test/programs.h"

namespace nadir::test {
namespace {

struct Outputs {
  std::vector<double> params, ssr, stdErr, covariance, r2, residuals, sums;
  std::vector<uint8_t> status;
  std::vector<uint16_t> iterations;
  int64_t width;

  // `points`: of all residuals.
  Outputs(const FitBatch& batch, size_t points)
      : params(batch.fits * batch.program->params), ssr(batch.fits), stdErr(params.size()),
        covariance(batch.fits * batch.program->columns * batch.program->columns), r2(batch.fits),
        residuals(points), status(batch.fits, 255), iterations(batch.fits) {
    width = (batch.program->columns + 1) * (batch.program->columns + 2) / 2 + (batch.loss ? 3 : 0);
    sums.resize(batch.fits * width);
  }

  bool isSameAs(const Outputs& other) const {
    return isSame(params, other.params) && isSame(ssr, other.ssr) && isSame(stdErr, other.stdErr) &&
           isSame(covariance, other.covariance) && isSame(r2, other.r2) &&
           isSame(residuals, other.residuals) && isSame(sums, other.sums) &&
           status == other.status && iterations == other.iterations;
  }

  // What there is of fit k, whose residuals begin at `first`.
  bool hasAt(int64_t k, size_t first, const Outputs& alone) const {
    const auto part = [k](const std::vector<double>& of, const std::vector<double>& one, size_t from) {
      for (size_t i = 0; i < one.size(); i++)
        if (!isSame(of[from + i], one[i])) return false;
      return true;
    };
    return part(params, alone.params, k * alone.params.size()) && part(ssr, alone.ssr, k) &&
           part(stdErr, alone.stdErr, k * alone.stdErr.size()) &&
           part(covariance, alone.covariance, k * alone.covariance.size()) &&
           part(r2, alone.r2, k) && part(residuals, alone.residuals, first) &&
           part(sums, alone.sums, k * width) && status[k] == alone.status[0] &&
           iterations[k] == alone.iterations[0];
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
    batch.sums = out.sums.data();
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

Column from(const Column& column, int64_t first) {
  if (column.data == nullptr) return column;
  if (column.isSingle) return {static_cast<const float*>(column.data) + first, true};
  return {static_cast<const double*>(column.data) + first, false};
}

// A batch and all that it borrows.
struct RandomBatch {
  ProgramText text;
  Program program;
  FitBatch batch = {};
  // Points of all curves together; of all residuals, which are more where y is shared.
  size_t points = 0, residuals = 0;
  std::vector<uint32_t> offsets = {0};
  std::vector<Numbers> numbers;
  std::vector<Column> x;
  std::vector<double> init, lower, upper, lossScale, xScale;

  RandomBatch(const RandomBatch&) = delete;
  RandomBatch& operator=(const RandomBatch&) = delete;

  explicit RandomBatch(Random& random) {
    // The decay now and then, so that some fits come to a good end.
    text = random.below(4) == 0 ? decay() : randomProgram(random);
    NADIR_CHECK(text.read(program) == nullptr);
    batch.program = &program;
    batch.fits = 1 + random.below(40);
    batch.loss = static_cast<uint8_t>(random.below(2) == 0 ? 0 : random.below(lossCount));
    drawData(random);
    drawMethod(random);
    drawStart(random);
    drawBounds(random);
  }

  int64_t firstOf(int64_t k) const { return batch.offsets ? offsets[k] : k * batch.points; }

  // Fit k as a batch of its own.
  FitBatch alone(int64_t k, std::vector<uint32_t>& ownOffsets, std::vector<Column>& ownX) const {
    FitBatch one = batch;
    const int64_t first = firstOf(k);
    one.fits = 1;
    if (batch.offsets) {
      ownOffsets = {0, offsets[k + 1] - offsets[k]};
      one.offsets = ownOffsets.data();
    }
    ownX = x;
    if (!batch.xShared)
      for (Column& column : ownX) column = from(column, first);
    one.x = ownX.data();
    if (!batch.yShared) one.y = from(batch.y, first);
    if (!batch.sigmaShared) one.sigma = from(batch.sigma, first);
    if (!batch.initShared) one.init = batch.init + k * program.params;
    if (batch.lossScale && !batch.lossScaleShared) one.lossScale = batch.lossScale + k;
    return one;
  }

  size_t pointsOf(int64_t k) const {
    return batch.offsets ? offsets[k + 1] - offsets[k] : static_cast<size_t>(batch.points);
  }

 private:
  // Now and then a curve of several blocks, which few fits spread over the lanes.
  void drawData(Random& random) {
    const bool isLong = random.below(12) == 0;
    if (isLong) batch.fits = 1 + random.below(9);
    const int most = isLong ? 900 : 60;
    const bool isRagged = random.below(2) == 0;
    const size_t perFit = isRagged ? 0 : 1 + random.below(most);
    for (int64_t i = 0; i < batch.fits; i++) {
      points += isRagged ? 1 + random.below(most) : perFit;
      offsets.push_back(static_cast<uint32_t>(points));
    }
    residuals = points;
    batch.points = static_cast<int64_t>(perFit);
    batch.offsets = isRagged ? offsets.data() : nullptr;
    batch.xShared = !isRagged && random.below(2) == 0;
    batch.yShared = batch.xShared && random.below(2) == 0;
    batch.sigmaShared = batch.yShared || (!isRagged && random.below(2) == 0);
    const bool isCounted = batch.loss == static_cast<uint8_t>(Loss::poisson);

    numbers.reserve(program.predictors + 2);
    for (int k = 0; k < program.predictors; k++)
      x.push_back(add(random, batch.xShared ? perFit : points, 0, 4));
    batch.x = x.data();
    batch.y = add(random, batch.yShared ? perFit : points, 0, isCounted ? 20 : 3);
    const Column sigma = add(random, batch.sigmaShared ? perFit : points, 0.1, 2);
    if (!isCounted && random.below(2) == 0) batch.sigma = sigma;
  }

  Column add(Random& random, size_t count, double low, double high) {
    numbers.emplace_back(random, count, low, high);
    return numbers.back().column();
  }

  void drawMethod(Random& random) {
    batch.method = static_cast<LeastSquaresMethod>(
        random.below(3) == 0 ? random.below(leastSquaresMethods) : 0);
    batch.polish = random.below(3) == 0;
    batch.careful = random.below(4) > 0;
    batch.geodesic = random.below(6) == 0;
    batch.pseudoInverse = random.below(3) == 0;
    if (random.below(2) == 0) {
      batch.lossScaleShared = random.below(2) == 0;
      lossScale.resize(batch.lossScaleShared ? 1 : batch.fits);
      for (double& scale : lossScale) scale = random.uniform(0.05, 3);
      batch.lossScale = lossScale.data();
    }
    if (random.below(3) == 0) {
      for (int k = 0; k < program.params; k++) xScale.push_back(random.uniform(0.1, 10));
      batch.xScale = xScale.data();
    }
    batch.ftol = batch.xtol = batch.gtol = random.below(2) == 0 ? 1e-8 : 0;
    batch.maxIter = random.below(60);
    batch.covarianceFactor = random.below(2);
  }

  void drawStart(Random& random) {
    batch.initShared = random.below(2) == 0;
    init.resize(program.params * (batch.initShared ? 1 : batch.fits));
    for (double& value : init) value = random.uniform(-2, 3);
    batch.init = init.data();
  }

  // Bounds that hold every start, some of them exactly; and without bounds a start that is not a
  // number. Of a fixed parameter they are not read.
  void drawBounds(Random& random) {
    if (random.below(2) == 0) {
      for (double& value : init)
        if (random.below(40) == 0) value = NAN;
      return;
    }
    for (int k = 0; k < program.params; k++) {
      double least = INFINITY, greatest = -INFINITY;
      for (size_t i = k; i < init.size(); i += program.params) {
        least = init[i] < least ? init[i] : least;
        greatest = init[i] > greatest ? init[i] : greatest;
      }
      const double margins[] = {0, 1e-12, 0.01, 0.3, 1, INFINITY};
      lower.push_back(least - margins[random.below(6)]);
      upper.push_back(greatest + margins[random.below(6)]);
    }
    batch.lower = lower.data();
    batch.upper = upper.data();
  }
};

void checkResults(const RandomBatch& made, const Outputs& out, bool all) {
  const FitBatch& batch = made.batch;
  const Program& program = made.program;
  for (int64_t k = 0; k < batch.fits; k++) {
    const bool isGood = out.status[k] <= static_cast<uint8_t>(Status::exact);
    NADIR_CHECK(out.status[k] <= static_cast<uint8_t>(Status::noProgress));
    NADIR_CHECK(out.iterations[k] <= batch.maxIter);
    const double* const params = &out.params[k * program.params];
    const double* const start = batch.init + (batch.initShared ? 0 : k * program.params);
    std::vector<bool> varies(program.params);
    for (int j = 0; j < program.columns; j++) varies[program.varying[j]] = true;
    for (int p = 0; p < program.params; p++) {
      if (!varies[p]) NADIR_CHECK(isSame(params[p], start[p]));
      if (batch.lower && varies[p])
        NADIR_CHECK(params[p] >= made.lower[p] && params[p] <= made.upper[p]);
      // A start that is not a number stays where nothing depends on it.
      if (isGood) NADIR_CHECK(isfinite(params[p]) || isnan(start[p]));
    }
    if (!isGood) continue;
    NADIR_CHECK(isfinite(out.ssr[k]));
    if (batch.loss != static_cast<uint8_t>(Loss::poisson)) NADIR_CHECK(out.ssr[k] >= 0);
    if (!all) continue;
    const int last = program.columns * (program.columns + 3) / 2;
    NADIR_CHECK(isSame(out.sums[k * out.width + last], out.ssr[k]));
    for (size_t i = 0; i < made.pointsOf(k); i++)
      NADIR_CHECK(isfinite(out.residuals[made.firstOf(k) + i]));
  }
}

}  // namespace

void testRandomFits() {
  Random random = {4};
  long succeeded = 0, failed = 0, atBounds = 0;
  for (int trial = 0; trial < 1500 / divisor; trial++) {
    const RandomBatch made(random);
    const FitBatch& batch = made.batch;
    const bool all = random.below(3) > 0;
    const Kernels& scalar = kernelsFor(Target::scalar, false);
    const Outputs expected = fit(scalar, batch, made.residuals, all, batch.fits);
    checkResults(made, expected, all);
    for (const uint8_t status : expected.status)
      (status <= static_cast<uint8_t>(Status::exact) ? succeeded : failed)++;
    for (size_t i = 0; batch.lower && i < expected.params.size(); i++) {
      const size_t p = i % made.program.params;
      if (expected.params[i] == made.lower[p] || expected.params[i] == made.upper[p]) atBounds++;
    }
    for (int i = 0; i < targetCount; i++) {
      const Target target = static_cast<Target>(i);
      if (!isSupported(target)) continue;
      const int64_t rangeSize = 1 + random.below(static_cast<int>(batch.fits));
      const Kernels& kernels = kernelsFor(target, false);
      const bool isEqual = fit(kernels, batch, made.residuals, all, rangeSize).isSameAs(expected);
      NADIR_CHECK(isEqual);
      if (!isEqual) printf("  trial %d on %s\n", trial, nameOf(target));
      fit(kernelsFor(target, true), batch, made.residuals, all, rangeSize);

      const int64_t k = random.below(static_cast<int>(batch.fits));
      std::vector<uint32_t> offsets;
      std::vector<Column> x;
      const FitBatch one = made.alone(k, offsets, x);
      const size_t first = static_cast<size_t>(made.firstOf(k));
      const bool isEqualAlone = expected.hasAt(k, first, fit(kernels, one, made.pointsOf(k), all, 1));
      NADIR_CHECK(isEqualAlone);
      if (!isEqualAlone) printf("  trial %d, fit %d alone on %s\n", trial, static_cast<int>(k), nameOf(target));
    }
  }
  NADIR_CHECK(succeeded > 1000 / divisor && failed > 1000 / divisor && atBounds > 1000 / divisor);
}

}  // namespace nadir::test
