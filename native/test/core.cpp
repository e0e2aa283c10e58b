// Tests of the core, which knows no Node: run by CTest, also under the sanitizers and under qemu.
#include "test/check.h"

int main() {
  using namespace nadir::test;
  testReadProgram();
  testKernels();
  testRandomFits();
  testPool();
  printf("%ld checks hold, %ld do not\n", counts.passed, counts.failed);
  return counts.failed == 0 ? 0 : 1;
}
