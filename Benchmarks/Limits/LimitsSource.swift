/// The C that measures the machine: vectors as clang's extensions, no header of an instruction set.
///
/// `gnomon_limit(what, threads, bytes, seconds)` gives the units of work a second of all threads
/// together, the best of five trials that last about `seconds` each: flops, exponentials, or bytes.
/// `bytes` is what the three arrays of a thread hold.
enum LimitsSource {
  static let text = #"""
    #define _POSIX_C_SOURCE 200809L
    #include <pthread.h>
    #include <stdatomic.h>
    #include <stdint.h>
    #include <stdlib.h>
    #include <time.h>

    #if defined(__AVX512F__)
      enum { lanes = 16 };
    #elif defined(__AVX__)
      enum { lanes = 8 };
    #else
      enum { lanes = 4 };
    #endif
    typedef float V __attribute__((vector_size(lanes * 4)));
    typedef int32_t I __attribute__((vector_size(lanes * 4)));
    #define ALL(x) ((x) - (V){0})

    // Twelve chains hide the latency of two pipes, and with their two operands fit 16 registers.
    #define EACH(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)
    enum { chains = 12 };

    typedef struct {
      int what, threads;
      long count;             // vectors in each of a thread's arrays
      double seconds;
      atomic_int arrived, generation;
      // The first thread writes these, between one meeting and the next.
      long repetitions;
      int measured;
      double best;            // units a second
    } Shared;
    typedef struct { Shared *shared; int id; } Worker;

    static volatile float seed = 0.999f, sink;

    static double now(void) {
      struct timespec t;
      clock_gettime(CLOCK_MONOTONIC, &t);
      return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    }

    static void meet(Shared *s) {
      int generation = atomic_load(&s->generation);
      if (atomic_fetch_add(&s->arrived, 1) + 1 == s->threads) {
        atomic_store(&s->arrived, 0);
        atomic_fetch_add(&s->generation, 1);
      } else {
        while (atomic_load(&s->generation) == generation) {}
      }
    }

    static void multiply_add(long repetitions) {
      const V m = ALL(seed), a = ALL(1 - seed);
    #define START(k) V x##k = ALL(seed + k);
    #define STEP(k) x##k = x##k * m + a;
    #define JOIN(k) total += x##k;
      EACH(START)
      for (long r = 0; r < repetitions; r++) { EACH(STEP) }
      V total = ALL(0.0f);
      EACH(JOIN)
      sink = total[0];
    }

    // e^x = 2^n e^r: n is x / ln 2 rounded by adding 1.5 * 2^23, whose low bits then hold it.
    static inline V exponential(V x) {
      const V shift = ALL(12582912.0f);
      V t = x * 1.44269504f + shift, n = t - shift;
      V r = x - n * 0.693359375f;
      r = r + n * 2.12194440e-4f;
      V p = r * 1.9875691500e-4f + 1.3981999507e-3f;
      p = p * r + 8.3334519073e-3f;
      p = p * r + 4.1665795894e-2f;
      p = p * r + 1.6666665459e-1f;
      p = p * r + 5.0000001201e-1f;
      p = p * (r * r) + (r + 1.0f);
      return (V)((I)p + ((I)t << 23));
    }

    static void exponentials(V *a, const V *b, long count, long repetitions) {
      for (long r = 0; r < repetitions; r++) {
        for (long i = 0; i < count; i += 4) {
          a[i] = exponential(b[i]);
          a[i + 1] = exponential(b[i + 1]);
          a[i + 2] = exponential(b[i + 2]);
          a[i + 3] = exponential(b[i + 3]);
        }
        __asm__ volatile("" ::: "memory");
      }
    }

    static void triad(V *a, const V *b, const V *c, long count, long repetitions) {
      for (long r = 0; r < repetitions; r++) {
        for (long i = 0; i < count; i += 4) {
          a[i] = b[i] + 3.0f * c[i];
          a[i + 1] = b[i + 1] + 3.0f * c[i + 1];
          a[i + 2] = b[i + 2] + 3.0f * c[i + 2];
          a[i + 3] = b[i + 3] + 3.0f * c[i + 3];
        }
        __asm__ volatile("" ::: "memory");
      }
    }

    static void triad_streaming(V *a, const V *b, const V *c, long count, long repetitions) {
      for (long r = 0; r < repetitions; r++)
        for (long i = 0; i < count; i += 4) {
          __builtin_nontemporal_store(b[i] + 3.0f * c[i], a + i);
          __builtin_nontemporal_store(b[i + 1] + 3.0f * c[i + 1], a + i + 1);
          __builtin_nontemporal_store(b[i + 2] + 3.0f * c[i + 2], a + i + 2);
          __builtin_nontemporal_store(b[i + 3] + 3.0f * c[i + 3], a + i + 3);
        }
      atomic_thread_fence(memory_order_seq_cst);
    }

    // Returns the units of work done by one thread.
    static double work(const Shared *s, V *a, V *b, V *c, long repetitions) {
      double r = (double)repetitions, n = (double)s->count;
      switch (s->what) {
      case 0: multiply_add(repetitions); return r * chains * lanes * 2;
      case 1: exponentials(a, b, s->count, repetitions); return r * n * lanes;
      case 2: triad(a, b, c, s->count, repetitions); return r * n * lanes * 12;
      default: triad_streaming(a, b, c, s->count, repetitions); return r * n * lanes * 12;
      }
    }

    static void *run(void *argument) {
      Worker *w = argument;
      Shared *s = w->shared;
      size_t bytes = ((size_t)s->count * sizeof(V) + 4095) / 4096 * 4096;
      // Arrays that start alike modulo 4096 would hinder each other's loads and stores.
      char *block = aligned_alloc(4096, 3 * bytes + 8192);
      if (!block) abort();
      V *a = (V *)block, *b = (V *)(block + bytes + 1024), *c = (V *)(block + 2 * bytes + 2048);
      for (long i = 0; i < s->count; i++) { a[i] = ALL(0.0f); b[i] = ALL(1.0f); c[i] = ALL(2.0f); }
      for (;;) {
        meet(s);
        if (s->measured == 5) break;
        long repetitions = s->repetitions;
        double start = now(), done = work(s, a, b, c, repetitions);
        meet(s);
        if (w->id) continue;
        double elapsed = now() - start, rate = done * s->threads / elapsed;
        if (elapsed >= s->seconds / 2) {
          s->measured++;
          if (rate > s->best) s->best = rate;
        } else {
          // How many fill the time is found by growing, at most thirtyfold in a step.
          double factor = s->seconds / (elapsed > 1e-9 ? elapsed : 1e-9);
          s->repetitions = (long)((double)repetitions * (factor > 30 ? 30 : factor)) + 1;
        }
      }
      free(block);
      return 0;
    }

    __attribute__((visibility("default")))
    double gnomon_limit(int what, int threads, long bytes, double seconds) {
      Shared shared = {.what = what, .threads = threads, .seconds = seconds,
                       .repetitions = 1};
      long count = bytes / 3 / (long)sizeof(V) / 4 * 4;
      shared.count = count < 4 ? 4 : count;
      enum { most = 256 };
      pthread_t others[most];
      Worker workers[most];
      if (threads > most) return 0;
      for (int i = 0; i < threads; i++) workers[i] = (Worker){&shared, i};
      for (int i = 1; i < threads; i++)
        if (pthread_create(&others[i], 0, run, &workers[i])) abort();
      run(&workers[0]);
      for (int i = 1; i < threads; i++) pthread_join(others[i], 0);
      return shared.best;
    }
    """#
}
