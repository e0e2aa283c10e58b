// Runs one function of native/math over doubles from standard input and writes the results as raw
// doubles: `./math-elementary exp < in > out`. Functions of two arguments read pairs. Compiled once
// per instruction set, so that bits can be compared with the portable twins.
#include "math/exp.h"
#include "math/hyperbolic.h"
#include "math/log.h"
#include "math/pow.h"
#include "math/rounding.h"

#include <stdio.h>
#include <string.h>

namespace {

using Unary = F64 (*)(F64);
using Binary = F64 (*)(F64, F64);

struct UnaryEntry { const char* name; Unary apply; };
struct BinaryEntry { const char* name; Binary apply; };

const UnaryEntry unary[] = {
    {"exp", [](F64 x) { return exp(x); }},
    {"expm1", [](F64 x) { return expm1(x); }},
    {"exp2", [](F64 x) { return exp2(x); }},
    {"log", [](F64 x) { return log(x); }},
    {"log1p", [](F64 x) { return log1p(x); }},
    {"log2", [](F64 x) { return log2(x); }},
    {"log10", [](F64 x) { return log10(x); }},
    {"sinh", [](F64 x) { return sinh(x); }},
    {"cosh", [](F64 x) { return cosh(x); }},
    {"tanh", [](F64 x) { return tanh(x); }},
    {"asinh", [](F64 x) { return asinh(x); }},
    {"acosh", [](F64 x) { return acosh(x); }},
    {"atanh", [](F64 x) { return atanh(x); }},
    {"floor", [](F64 x) { return floor(x); }},
    {"ceil", [](F64 x) { return ceil(x); }},
    {"trunc", [](F64 x) { return trunc(x); }},
    {"round", [](F64 x) { return round(x); }},
    {"sign", [](F64 x) { return sign(x); }},
};

const BinaryEntry binary[] = {
    {"pow", [](F64 x, F64 y) { return pow(x, y); }},
    {"minimum", [](F64 x, F64 y) { return minimum(x, y); }},
    {"maximum", [](F64 x, F64 y) { return maximum(x, y); }},
    {"remainder", [](F64 x, F64 y) { return remainder(x, y); }},
};


constexpr size_t block = 8192;
double input[2 * block], x[block], y[block], result[block];

template <typename Apply>
int run(size_t arguments, Apply apply) {
  size_t count;
  while ((count = fread(input, sizeof(double) * arguments, block, stdin)) > 0) {
    for (size_t i = 0; i < block; i++) {
      x[i] = i < count ? input[i * arguments] : 1.0;
      y[i] = i < count ? input[i * arguments + arguments - 1] : 1.0;
    }
    for (size_t i = 0; i < count; i += lanes) store(result + i, apply(load(x + i), load(y + i)));
    if (fwrite(result, sizeof(double), count, stdout) != count) return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  for (const UnaryEntry& entry : unary) {
    if (strcmp(entry.name, argv[1]) == 0) {
      return run(1, [&](F64 a, F64) { return entry.apply(a); });
    }
  }
  for (const BinaryEntry& entry : binary) {
    if (strcmp(entry.name, argv[1]) == 0) {
      return run(2, [&](F64 a, F64 b) { return entry.apply(a, b); });
    }
  }
  fprintf(stderr, "no function %s\n", argv[1]);
  return 2;
}
