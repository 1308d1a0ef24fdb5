// The compiled program and the values of a network, before anything of them runs.
#pragma once
#include <torch/script.h>

namespace airshower {

// Longest `for` loop over a range whose end is a number.
constexpr int64_t most_repetitions = 10000;

// Walks the graphs of all methods and functions of a network, nested blocks too: operators must be on the list
// (AllowedOperators.h), loops must end, nothing but the network's own intermediate values may change. Values must be of
// the types that the program takes them for, and parameters finite.
//
// Throws Refused with record, line and operator, or with the name of the parameter.
void check_program(const torch::jit::Module &network);

// Takes the warnings out of a program that does not always warn: the functions of torch.nn hold some.
void remove_warnings(torch::jit::Block *block);

}  // namespace airshower
