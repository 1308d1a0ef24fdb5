// Operators for float32 on the CPU that do in one pass what libtorch does in several, and a graph that uses them.
#pragma once
#include <torch/script.h>

#include <cstdint>

namespace airshower {

// Puts the operators in the place of libtorch's:
//
//     silu(addmm(b, x, W)), relu(...)      airshower::dense
//     mm(x, W), addmm(b, x, W)             airshower::product, product_and_bias
//     silu(x)                              airshower::silu
//     segment_reduce(x, "sum" or "max")    airshower::segment_reduce
//     index_select(x, 0, i)                airshower::gather_rows
//     silu(x[i] + y[j] + z[k])             airshower::edge_silu
//
// Called for a graph that is computed on the CPU in float32; others keep libtorch's.
void use_fast_operators(torch::jit::Graph &graph);

// Puts airshower::checked_segment_reduce in the place of what is left of aten::segment_reduce, which does not look at its
// lengths. Throws Refused for other forms of it.
void check_segments(torch::jit::Graph &graph);

// Puts airshower::dropout and airshower::randn_like in the place of libtorch's: those of `SeededRandom`.
void use_seeded_random(torch::jit::Graph &graph);

// The random numbers of dropout and noise on this thread while it lives: the same for a seed, whatever other threads do.
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed);
  ~SeededRandom();
  SeededRandom(const SeededRandom &) = delete;
  SeededRandom &operator=(const SeededRandom &) = delete;
};

}  // namespace airshower
