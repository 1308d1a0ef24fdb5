// Activations of rows of values and their derivatives, in loops that the compiler turns into vector instructions.
#pragma once
#include <cstddef>
#include <cstdint>

namespace airshower {

enum class Activation { silu = 0, relu = 1 };

// values += bias, row by row; results = activation(values). They may be the same memory where values are not needed
// again. Arrays [rows, width].
void activate(Activation activation, float *values, float *results, const float *bias, size_t rows,
              size_t width);

// slopes = gradient * derivative(values); sums [width] = its sums over the rows. Arrays [rows, width].
void differentiate(Activation activation, const float *values, const float *gradient, float *slopes,
                   float *sums, size_t rows, size_t width);

// The same of x sigmoid(x) alone, without a bias.
void silu(const float *values, float *results, size_t count);
void silu_slopes(const float *values, const float *gradient, float *slopes, size_t count);

// sums [width] += the rows.
void add_rows(const float *rows, size_t count, size_t width, float *sums);

// largest [width] = the larger one of itself and each of the rows.
void raise_to_rows(const float *rows, size_t count, size_t width, float *largest);

// slopes [count, width] = gradient [width] where a row has the largest value; equal ones share it. `shares` [width] is
// memory to work with.
void share_among_largest(const float *rows, const float *largest, const float *gradient, float *slopes,
                         size_t count, size_t width, float *shares);

// The edges of a graph: rows of three arrays that are added for each of them.
struct Edges {
  size_t count, width;
  // Row of the station that an edge leads to, of the one that it comes from, and its side.
  const int64_t *to, *from, *side;
  const float *own, *other, *sides;
};

// results [count, width] = silu of the sums.
void silu_of_edges(const Edges &edges, float *results);

// Adds the gradients before the sums, from those behind silu [count, width], to those of the rows.
void add_edge_slopes(const Edges &edges, const float *gradient, float *own, float *other, float *sides);

}  // namespace airshower
