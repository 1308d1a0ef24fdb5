#pragma once
#ifdef __cplusplus
extern "C" {
#endif
const char *ctorch_version(void);
#ifdef __cplusplus
}
#endif
