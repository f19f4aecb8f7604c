/* Preloaded into a program, it adds the nanoseconds in the file FAIRLEAD_CLOCK_STEP to the wall clock that the program sees.
   Clocks that count the time since some start are left alone, as they are when a machine's clock is set. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *step;

__attribute__((constructor)) static void map_step(void) {
  const char *file = getenv("FAIRLEAD_CLOCK_STEP");
  int descriptor = file == NULL ? -1 : open(file, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  void *mapped = mmap(NULL, sizeof *step, PROT_READ, MAP_SHARED, descriptor, 0);
  if (mapped != MAP_FAILED) step = mapped;
  close(descriptor);
}

static struct timespec wall(clockid_t which) {
  struct timespec now;
  syscall(SYS_clock_gettime, which, &now);
  if (step != NULL) {
    int64_t total = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec + *step;
    now.tv_sec = total / 1000000000;
    now.tv_nsec = total % 1000000000;
  }
  return now;
}

int clock_gettime(clockid_t which, struct timespec *now) {
  if (which != CLOCK_REALTIME && which != CLOCK_REALTIME_COARSE) return syscall(SYS_clock_gettime, which, now);
  *now = wall(which);
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec exact = wall(CLOCK_REALTIME);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now = wall(CLOCK_REALTIME);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}
