// What the compiler needs in its own process: a frame walk, a thread-local slot, facts about the
// machine. Not part of exported libraries.
#define _GNU_SOURCE
#include "gnomon_runtime.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <sched.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif
#if defined(__x86_64__)
#include <cpuid.h>
#endif

// MARK: - Frame walk

// The bounds of the thread's stack; asking costs microseconds (the main thread's are read from
// /proc), so each thread asks once. `high` 0: not asked yet; 1: unknown.
static _Thread_local uintptr_t stack_low, stack_high;

__attribute__((noinline, cold)) static void find_stack_bounds(void) {
  stack_high = 1;
#if defined(__linux__)
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  void *address;
  size_t size;
  if (pthread_attr_getstack(&attributes, &address, &size) == 0) {
    stack_low = (uintptr_t)address;
    stack_high = stack_low + size;
  }
  pthread_attr_destroy(&attributes);
#elif defined(__APPLE__)
  stack_high = (uintptr_t)pthread_get_stackaddr_np(pthread_self());
  stack_low = stack_high - pthread_get_stacksize_np(pthread_self());
#endif
}

__attribute__((noinline)) int gn_frames(void *room, int skip, int max) {
  uintptr_t *out = (uintptr_t *)room;
  if (stack_high == 0) find_stack_bounds();
  const uintptr_t high = stack_high;
  uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
  if (frame < stack_low) return 0;
  int stored = 0;
  // A frame record is the caller's frame pointer and, above it, the return address.
  while (stored < max && high > 2 * sizeof(uintptr_t) &&
         frame <= high - 2 * sizeof(uintptr_t) && frame % sizeof(uintptr_t) == 0) {
    const uintptr_t *record = (const uintptr_t *)frame;
    uintptr_t address = record[1];
#if defined(__aarch64__)
    address &= 0x0000FFFFFFFFFFFF;  // without a pointer signature
#endif
    if (address == 0) break;
    if (skip > 0)
      --skip;
    else
      out[stored++] = address;
    // Swift marks the frames of asynchronous functions in bit 60 of the saved pointer.
    uintptr_t next = record[0] & ~((uintptr_t)1 << 60);
    if (next <= frame) break;
    frame = next;
  }
  return stored;
}

// MARK: - Loaded images

static pthread_mutex_t images = PTHREAD_MUTEX_INITIALIZER;

void gn_images_lock(void) { pthread_mutex_lock(&images); }
void gn_images_unlock(void) { pthread_mutex_unlock(&images); }

// MARK: - Thread-local slot

static _Thread_local void *thread_slot;

void *gn_thread_slot_get(void) { return thread_slot; }
void gn_thread_slot_set(void *value) { thread_slot = value; }

// MARK: - Cores

#if defined(__linux__)
static int read_text(const char *path, char *out, size_t size) {
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  size_t length = fread(out, 1, size - 1, file);
  fclose(file);
  out[length] = 0;
  return length > 0;
}

// The first CPU of the core that `cpu` belongs to.
static int first_sibling(int cpu) {
  char path[96], text[64];
  snprintf(
      path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
  return read_text(path, text, sizeof text) ? atoi(text) : cpu;
}

static int allowed_cores(void) {
  // A mask larger than cpu_set_t for machines with more than 1024 CPUs.
  enum { CPUS = 8192 };
  size_t size = CPU_ALLOC_SIZE(CPUS);
  cpu_set_t *allowed = CPU_ALLOC(CPUS), *cores = CPU_ALLOC(CPUS);
  int count = 0;
  if (allowed && cores && sched_getaffinity(0, size, allowed) == 0) {
    CPU_ZERO_S(size, cores);
    for (int cpu = 0; cpu < CPUS; ++cpu) {
      if (!CPU_ISSET_S(cpu, size, allowed)) continue;
      int first = first_sibling(cpu);
      if (first < 0 || first >= CPUS) first = cpu;
      if (!CPU_ISSET_S(first, size, cores)) ++count;
      CPU_SET_S(first, size, cores);
    }
  }
  if (allowed) CPU_FREE(allowed);
  if (cores) CPU_FREE(cores);
  if (count == 0) count = (int)sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : count;
}

// How many CPUs' worth of time the control group at `path` may use, rounded up; 0: no limit.
static int quota_at(const char *path, int version) {
  char file[640], text[128];
  double quota = 0, period = 0;
  if (version == 2) {
    snprintf(file, sizeof file, "/sys/fs/cgroup%s/cpu.max", path);
    if (!read_text(file, text, sizeof text)) return 0;
    if (sscanf(text, "%lf %lf", &quota, &period) != 2) return 0;  // "max 100000"
  } else {
    snprintf(file, sizeof file, "/sys/fs/cgroup/cpu%s/cpu.cfs_quota_us", path);
    if (!read_text(file, text, sizeof text)) return 0;
    quota = atof(text);
    snprintf(file, sizeof file, "/sys/fs/cgroup/cpu%s/cpu.cfs_period_us", path);
    if (!read_text(file, text, sizeof text)) return 0;
    period = atof(text);
  }
  if (quota <= 0 || period <= 0) return 0;
  int cpus = (int)(quota / period);
  return cpus < quota / period ? cpus + 1 : cpus;
}

// The smallest quota among this process's control group and those that contain it; 0: none.
static int quota_cores(void) {
  char groups[4096];
  if (!read_text("/proc/self/cgroup", groups, sizeof groups)) return 0;
  int smallest = 0;
  for (char *rest = groups, *line; (line = strsep(&rest, "\n"));) {
    // "0::/path" is version 2, "4:cpu,cpuacct:/path" version 1.
    char *controllers = strchr(line, ':');
    char *path = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!path || strlen(path) > 512) continue;
    *path++ = 0;
    ++controllers;
    int version = *controllers == 0 ? 2 : 1;
    if (version == 1 && strncmp(controllers, "cpu", 3) != 0) continue;
    if (version == 1 && strncmp(controllers, "cpuset", 6) == 0) continue;
    if (strcmp(path, "/") == 0) *path = 0;
    for (;;) {
      int quota = quota_at(path, version);
      if (quota > 0 && (smallest == 0 || quota < smallest)) smallest = quota;
      char *slash = strrchr(path, '/');
      if (!slash) break;
      *slash = 0;
    }
  }
  return smallest;
}

static int find_core_count(void) {
  int cores = allowed_cores(), quota = quota_cores();
  return quota > 0 && quota < cores ? quota : cores;
}
#elif defined(__APPLE__)
static int64_t system_number(const char *name) {
  int64_t value = 0;
  size_t size = sizeof value;
  return sysctlbyname(name, &value, &size, NULL, 0) == 0 ? value : 0;
}

static int find_core_count(void) {
  int64_t cores = system_number("hw.perflevel0.physicalcpu");
  if (cores <= 0) cores = system_number("hw.physicalcpu");
  return cores < 1 ? 1 : (int)cores;
}
#else
static int find_core_count(void) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores < 1 ? 1 : (int)cores;
}
#endif

int gn_core_count(void) {
  static _Atomic int cached;
  int cores = atomic_load(&cached);
  if (cores == 0) atomic_store(&cached, cores = find_core_count());
  return cores;
}

// MARK: - Instruction sets

static int copy_text(const char *text, char *out, int size) {
  int length = (int)strlen(text);
  if (length >= size) return -1;
  memcpy(out, text, (size_t)length + 1);
  return length;
}

int gn_cpu_features(char *out, int size) {
  char text[512] = "";
#if defined(__x86_64__)
  __builtin_cpu_init();
#define FEATURE(name) \
  if (__builtin_cpu_supports(name)) strcat(text, " " name);
  FEATURE("sse2")
  FEATURE("sse4.1")
  FEATURE("sse4.2")
  FEATURE("avx")
  FEATURE("avx2")
  FEATURE("fma")
  FEATURE("f16c")
  FEATURE("bmi2")
  FEATURE("avx512f")
  FEATURE("avx512cd")
  FEATURE("avx512bw")
  FEATURE("avx512dq")
  FEATURE("avx512vl")
  FEATURE("avx512vbmi")
  FEATURE("avx512vnni")
  FEATURE("avx512bf16")
#undef FEATURE
#elif defined(__aarch64__)
  strcat(text, " neon");
#endif
  return copy_text(text[0] ? text + 1 : text, out, size);
}

int gn_cpu_model(char *out, int size) {
  char text[512] = "unknown";
#if defined(__x86_64__)
  unsigned brand[13] = {0};
  for (unsigned i = 0; i < 3; ++i)
    __get_cpuid(
        0x80000002 + i, &brand[4 * i], &brand[4 * i + 1], &brand[4 * i + 2], &brand[4 * i + 3]);
  unsigned words[16] = {0}, other;
  __get_cpuid(1, &words[0], &other, &words[1], &words[2]);  // ebx holds the current CPU's number
  words[1] &= ~(1u << 27);                                  // whether the system uses xsave
  __get_cpuid_count(7, 0, &other, &words[3], &words[4], &words[5]);
  __get_cpuid_count(7, 1, &words[6], &words[7], &words[8], &words[9]);
  __get_cpuid(0x80000001, &other, &other, &words[10], &words[11]);
  int length = snprintf(text, sizeof text, "%s", (const char *)brand);
  for (int i = 0; i < 12; ++i)
    length += snprintf(text + length, sizeof text - (size_t)length, " %08x", words[i]);
#elif defined(__APPLE__)
  size_t length = sizeof text - 1;
  sysctlbyname("machdep.cpu.brand_string", text, &length, NULL, 0);
#elif defined(__linux__)
  if (read_text(
          "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", text, sizeof text))
    text[strcspn(text, "\n")] = 0;
  else
    strcpy(text, "unknown");
#endif
  return copy_text(text, out, size);
}

// MARK: - Caches

int64_t gn_cache_bytes(int level) {
#if defined(__APPLE__)
  const char *names[] = {"hw.perflevel0.l1dcachesize", "hw.perflevel0.l2cachesize", ""};
  const char *plain[] = {"hw.l1dcachesize", "hw.l2cachesize", "hw.l3cachesize"};
  if (level < 1 || level > 3) return 0;
  int64_t bytes = system_number(names[level - 1]);
  return bytes > 0 ? bytes : system_number(plain[level - 1]);
#elif defined(__linux__)
  // The kernel's description first: glibc's sysconf trusts cpuid, which hypervisors leave blank.
  for (int index = 0; index < 8; ++index) {
    char path[96], text[32];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/level", index);
    if (!read_text(path, text, sizeof text)) break;
    if (atoi(text) != level) continue;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/type", index);
    if (!read_text(path, text, sizeof text) || text[0] == 'I') continue;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/size", index);
    if (!read_text(path, text, sizeof text)) continue;
    char *unit;
    int64_t bytes = strtoll(text, &unit, 10);
    return *unit == 'K' ? bytes << 10 : *unit == 'M' ? bytes << 20 : bytes;
  }
#if defined(_SC_LEVEL1_DCACHE_SIZE)
  int names[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE};
  if (level < 1 || level > 3) return 0;
  long bytes = sysconf(names[level - 1]);
  return bytes > 0 ? bytes : 0;
#endif
  return 0;
#else
  (void)level;
  return 0;
#endif
}

const char *gn_image_path(const void *address) {
  Dl_info info;
  return dladdr(address, &info) != 0 ? info.dli_fname : NULL;
}

// MARK: - Memory

#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
#include <malloc.h>
int64_t gn_heap_bytes(void) {
  const struct mallinfo2 all = mallinfo2();
  return (int64_t)(all.uordblks + all.hblkhd);
}
#else
int64_t gn_heap_bytes(void) { return -1; }
#endif
