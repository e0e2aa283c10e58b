// Tests of the core, which knows no Node: run by CTest, also under the sanitizers and under qemu.
// An argument n makes them run one n-th of the random trials.
#include <stdlib.h>

#include "test/check.h"

int main(int argc, char** argv) {
  using namespace nadir::test;
  if (argc > 1) divisor = atoi(argv[1]);
  if (divisor < 1 || divisor > 50) return 2;
  testReadProgram();
  testKernels();
  testRandomFits();
  testPool();
  testCareful();
  printf("%ld checks hold, %ld do not\n", counts.passed, counts.failed);
  return counts.failed == 0 ? 0 : 1;
}
