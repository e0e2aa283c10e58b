// Fits by the careful path come out with the bits of the portable engine, in as many evaluations:
// test/data/careful/fits.txt, written by test/optim/careful-fits.test.ts, holds what goes in and what
// comes out. Then stops, and bounds that no evaluation may leave.
#include "jobs/careful-fit.h"
#include "jobs/workspace.h"
#include "test/programs.h"

namespace nadir::test {
namespace {

struct Reader {
  FILE* file;

  // Lines that begin with # are for people.
  void skip() {
    int c;
    while ((c = fgetc(file)) == '#' || c == ' ' || c == '\n')
      while (c == '#' && (c = fgetc(file)) != '\n' && c != EOF) c = '#';
    ungetc(c, file);
  }
  int integer() {
    skip();
    int value = 0;
    NADIR_CHECK(fscanf(file, "%d", &value) == 1);
    return value;
  }
  // A double by its bits.
  double number() {
    skip();
    unsigned long long bits = 0;
    NADIR_CHECK(fscanf(file, "%llx", &bits) == 1);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
  }
  std::vector<double> numbers(int count) {
    std::vector<double> values(count);
    for (double& value : values) value = number();
    return values;
  }
  bool isAtEnd() {
    skip();
    const int c = fgetc(file);
    ungetc(c, file);
    return c == EOF;
  }
};

// Counts evaluations, and stops after so many.
struct Stops {
  int evaluations, limit;

  static int ask(void* context, int64_t) {
    Stops& self = *static_cast<Stops*>(context);
    return ++self.evaluations == self.limit ? static_cast<int>(Status::aborted) : -1;
  }
};

struct Run {
  CarefulFit fit;
  Workspace workspace;
  Stops stops;
  int status;

  Run(const FitBatch& batch, int limit) : fit(batch), stops{0, limit} {
    Arena measure = {nullptr};
    fit.layout(measure, true);
    Arena arena = {static_cast<char*>(workspace.reserve(reinterpret_cast<uintptr_t>(measure.at) + 64))};
    fit.layout(arena, false);
    fit.begin();
    // Twice: nothing of a fit may be left for the next.
    fit.run(0, batch.init, nullptr, 0, {&stops, nullptr, nullptr, Stops::ask});
    stops.evaluations = 0;
    status = fit.run(0, batch.init, nullptr, 0, {&stops, nullptr, nullptr, Stops::ask});
  }
  ~Run() { workspace.release(); }
};

void testRun(Reader& reader, FitBatch batch, const char* model) {
  const int n = batch.program->columns, params = batch.program->params;
  batch.method = static_cast<LeastSquaresMethod>(reader.integer());
  batch.loss = static_cast<uint8_t>(reader.integer());
  batch.geodesic = reader.integer() != 0;
  batch.polish = reader.integer() != 0;
  batch.pseudoInverse = reader.integer() != 0;
  const bool isBounded = reader.integer() != 0, isScaled = reader.integer() != 0;
  batch.maxIter = reader.integer();
  batch.ftol = reader.number();
  batch.xtol = reader.number();
  batch.gtol = reader.number();
  const double lossScale = reader.number();
  batch.lossScale = &lossScale;
  batch.lossScaleShared = true;
  const std::vector<double> lower = reader.numbers(isBounded ? params : 0);
  const std::vector<double> upper = reader.numbers(isBounded ? params : 0);
  const std::vector<double> xScale = reader.numbers(isScaled ? params : 0);
  if (isBounded) batch.lower = lower.data(), batch.upper = upper.data();
  if (isScaled) batch.xScale = xScale.data();
  const std::vector<double> init = reader.numbers(params);
  batch.init = init.data();
  const int status = reader.integer(), iterations = reader.integer(), evaluations = reader.integer();
  const int width = (n + 1) * (n + 2) / 2 + (batch.loss ? lossSums : 0);
  const std::vector<double> best = reader.numbers(params), covariance = reader.numbers(n * n);
  const std::vector<double> sums = reader.numbers(width);

  const Run run(batch, -1);
  const CarefulFit& fit = run.fit;
  const bool isSameFit = run.status == status && fit.iterations == iterations &&
                         run.stops.evaluations + 1 == evaluations &&
                         isSame({fit.params, fit.params + params}, best) &&
                         isSame({fit.covariance, fit.covariance + n * n}, covariance) &&
                         isSame({fit.sums, fit.sums + width}, sums);
  NADIR_CHECK(isSameFit);
  if (!isSameFit)
    printf("  %s by method %d, loss %d: status %d (%d), %d steps (%d), %d evaluations (%d)\n", model,
           static_cast<int>(batch.method), batch.loss, run.status, status, fit.iterations, iterations,
           run.stops.evaluations + 1, evaluations);

  if (evaluations < 4) return;
  const Run stopped(batch, 2);
  NADIR_CHECK(stopped.status == static_cast<int>(Status::aborted) && stopped.stops.evaluations == 2);
  NADIR_CHECK(stopped.fit.value >= fit.value);
  for (int k = 0; isBounded && k < params; k++)
    NADIR_CHECK(stopped.fit.params[k] >= lower[k] && stopped.fit.params[k] <= upper[k]);
}

}  // namespace

void testCareful() {
  FILE* const file = fopen("test/data/careful/fits.txt", "r");
  NADIR_CHECK(file != nullptr);
  if (!file) return;
  Reader reader = {file};
  int number = 0;
  for (; !reader.isAtEnd(); number++) {
    ProgramText text;
    const int words = reader.integer(), constants = reader.integer(), points = reader.integer();
    const bool isWeighted = reader.integer() != 0;
    const int runs = reader.integer();
    for (int i = 0; i < words; i++) text.words.push_back(reader.integer());
    text.constants = reader.numbers(constants);
    const std::vector<double> x = reader.numbers(points), y = reader.numbers(points);
    const std::vector<double> sigma = reader.numbers(isWeighted ? points : 0);
    Program program;
    const char* const fault = text.read(program);
    NADIR_CHECK(fault == nullptr);
    if (fault) break;
    const Column column = {x.data(), false};
    FitBatch batch = {};
    batch.program = &program;
    batch.fits = 1;
    batch.points = points;
    batch.x = &column;
    batch.y = {y.data(), false};
    if (isWeighted) batch.sigma = {sigma.data(), false};
    batch.covarianceFactor = 1;
    char model[24];
    snprintf(model, sizeof model, "model %d", number);
    for (int run = 0; run < runs; run++) testRun(reader, batch, model);
  }
  NADIR_CHECK(number > 15);
  fclose(file);
}

}  // namespace nadir::test
