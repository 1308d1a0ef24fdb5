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

// Whether `multiply` may be called: on a processor with vectors of 256 or 512 bits. Each row of the results depends on
// its own row alone, whatever the others are.
bool suit_products();
// Whether `add_products` may be called, and is faster than BLAS, for as many rows and as many columns `to`.
bool suit_sums(size_t count, size_t to);

// The panels of a matrix [rows, columns], or of its transpose.
Panels panels(const float *matrix, size_t rows, size_t columns, bool transposed);

// results [count, columns] = rows [count, weight.rows] times weight.
void multiply(const float *rows, size_t count, const Panels &weight, float *results);

// sums [from, to] += transpose of x [count, from] times y [count, to].
void add_products(const float *x, size_t from, const float *y, size_t to, size_t count, float *sums);

}  // namespace airshower
