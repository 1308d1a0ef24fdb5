// The one symbol of libairshower-torch.so.
#pragma once
#include "CTorch.h"
#ifdef __cplusplus
extern "C"
#endif
const ctorch_functions *CTORCH_ENGINE(void);
