// LAPACKE for Swift, without the complex types, which Swift cannot import.
#pragma once
#include <lapacke.h>
