#pragma once
/// Heap allocations of this process so far.
unsigned long allocation_count(void);
