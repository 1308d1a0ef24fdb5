// The check of an event file as a program of its own, for sanitisers.
#include "CEventFileCheck.h"

#include <stdio.h>
#include <stdlib.h>

int main(int count, char **arguments) {
  if (count != 2) return 64;
  check_limits limits = {.processor_seconds = 20, .clock_seconds = 60, .memory = 1ull << 40};
  check_result result;
  event_file_check(arguments[1], &limits, &result);
  printf("%s: outcome %d, %s: %s, %zu bytes of text\n", arguments[1], (int)result.outcome, result.place, result.reason,
         result.text_bytes);
  free(result.texts);
  return 0;
}
