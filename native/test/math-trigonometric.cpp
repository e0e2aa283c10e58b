// Applies one of the trigonometric, inverse trigonometric, root and error functions to raw doubles:
// `program function < arguments > results`, arguments of two-argument functions interleaved.
// Compiled once per instruction set; the results of all must be equal to the last bit.
#include "math/error-function.h"
#include "math/faddeeva.h"
#include "math/inverse-trigonometric.h"
#include "math/root.h"
#include "math/trigonometric.h"

#include <stdio.h>
#include <string.h>

namespace {

typedef F64 (*Unary)(F64);
typedef F64 (*Binary)(F64, F64);

struct Entry {
  const char* name;
  Unary unary;
  Binary binary;
};

const Entry entries[] = {
    {"sin", [](F64 x) { return sin(x); }, nullptr},
    {"cos", [](F64 x) { return cos(x); }, nullptr},
    {"tan", [](F64 x) { return tan(x); }, nullptr},
    {"asin", [](F64 x) { return asin(x); }, nullptr},
    {"acos", [](F64 x) { return acos(x); }, nullptr},
    {"atan", [](F64 x) { return atan(x); }, nullptr},
    {"atan2", nullptr, [](F64 y, F64 x) { return atan2(y, x); }},
    {"sqrt", [](F64 x) { return sqrt(x); }, nullptr},
    {"cbrt", [](F64 x) { return cbrt(x); }, nullptr},
    {"hypot", nullptr, [](F64 x, F64 y) { return hypot(x, y); }},
    {"erf", [](F64 x) { return erf(x); }, nullptr},
    {"erfc", [](F64 x) { return erfc(x); }, nullptr},
    {"faddeevaReal", nullptr, [](F64 x, F64 y) { return faddeevaReal(x, y); }},
    {"faddeevaImaginary", nullptr, [](F64 x, F64 y) { return faddeevaImaginary(x, y); }},
};

constexpr int block = 4096;

}  // namespace

int main(int count, char** words) {
  const Entry* entry = nullptr;
  for (const Entry& candidate : entries) {
    if (count == 2 && strcmp(candidate.name, words[1]) == 0) entry = &candidate;
  }
  if (entry == nullptr) return 2;
  const int arity = entry->unary ? 1 : 2;
  static double in[2 * block], first[block], second[block], out[block];
  for (;;) {
    const int n = static_cast<int>(fread(in, sizeof(double) * arity, block, stdin));
    if (n <= 0) return 0;
    for (int i = 0; i < n; i++) {
      first[i] = in[arity * i];
      second[i] = in[arity * i + arity - 1];
    }
    for (int i = n; i % lanes != 0; i++) first[i] = second[i] = 1;
    for (int i = 0; i < n; i += lanes) {
      store(out + i, entry->unary ? entry->unary(load(first + i))
                                  : entry->binary(load(first + i), load(second + i)));
    }
    fwrite(out, sizeof(double), n, stdout);
  }
}
