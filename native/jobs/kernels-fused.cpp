// The kernels for `numerics: 'fast'`: the same source with fused multiply-add.
#define NADIR_FUSED
#include "jobs/kernels.cpp"
