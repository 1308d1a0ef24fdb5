// Products of matrices with many rows and few columns, as layers have them, without copies of the long ones.
#pragma once
#include <cstddef>
#include <vector>

namespace airshower {

// A matrix [rows, columns], its columns in panels of some vectors, the last one filled up with zeros.
struct Panels {
  size_t rows = 0, columns = 0;
  std::vector<float> values;
};

// Whether `multiply` is faster than BLAS here: rows enough, on a processor with vectors of 256 or 512 bits.
bool suit_products(size_t count);
// Whether `add_products` is, and may be called, for as many columns `to`.
bool suit_sums(size_t count, size_t to);

// The panels of a matrix [rows, columns], or of its transpose.
Panels panels(const float *matrix, size_t rows, size_t columns, bool transposed);

// results [count, columns] = rows [count, weight.rows] times weight.
void multiply(const float *rows, size_t count, const Panels &weight, float *results);

// sums [from, to] += transpose of x [count, from] times y [count, to].
void add_products(const float *x, size_t from, const float *y, size_t to, size_t count, float *sums);

}  // namespace airshower
