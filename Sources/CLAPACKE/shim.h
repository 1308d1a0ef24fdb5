// LAPACKE for Swift, without the complex types, which Swift cannot import.
#pragma once
#include <lapacke.h>
#include <cblas.h>

// C = A B of matrices by rows, in single precision: m x k, k x n. One thread, so that sums never depend on their number.
static inline void clapacke_multiply(int m, int n, int k, const float *a, const float *b, float *c) {
  openblas_set_num_threads(1);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
}

// What the processor can compute: 0 less than AVX, 1 AVX, 2 AVX2 and FMA, 3 AVX-512 as in servers; -1 where nobody knows.
static inline int clapacke_instructions(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx")) return 0;
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 1;
  const int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vl");
  return wide ? 3 : 2;
#else
  return -1;
#endif
}
