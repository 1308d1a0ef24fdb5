// HDF5 for Swift: the macros that Swift cannot import, as functions.
#pragma once
#include <hdf5.h>
