// LAPACKE for Swift, without the complex types, which Swift cannot import.
#pragma once
#include <lapacke.h>
#include <cblas.h>

// C = A B of matrices by rows, in single precision: m x k, k x n. One thread, so that sums never depend on their number.
static inline void clapacke_multiply(int m, int n, int k, const float *a, const float *b, float *c) {
  openblas_set_num_threads(1);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
}
