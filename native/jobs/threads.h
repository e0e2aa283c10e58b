// Threads, mutexes, conditions and the clock straight from the operating system: the C++ library
// reports failures by exceptions, which this build does not have, and without it the binary needs
// no particular version of libstdc++.
#pragma once

#include <stddef.h>

#if defined(_WIN32)
#include <process.h>
#include <windows.h>
#else
#include <pthread.h>
#include <sched.h>
#include <time.h>
#endif

// glibc 2.34 moved these functions from libpthread to libc under a new version. Asking for the old
// version keeps the binary loadable by glibc 2.28. The thread sanitizer replaces the functions by
// name alone.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define NADIR_SANITIZED
#endif
#elif defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define NADIR_SANITIZED
#endif
#if defined(__GLIBC__) && !defined(NADIR_SANITIZED)
#if defined(__x86_64__)
#define NADIR_OLD_SYMBOL(name) __asm__(".symver " #name "," #name "@GLIBC_2.2.5");
#elif defined(__aarch64__)
#define NADIR_OLD_SYMBOL(name) __asm__(".symver " #name "," #name "@GLIBC_2.17");
#endif
#endif
#if defined(NADIR_OLD_SYMBOL)
NADIR_OLD_SYMBOL(pthread_create)
NADIR_OLD_SYMBOL(pthread_join)
NADIR_OLD_SYMBOL(pthread_attr_setstacksize)
#undef NADIR_OLD_SYMBOL
#endif

namespace nadir {

// The workspace of a kernel is on the heap; its frames are small. musl's default would be 128 KB,
// glibc's 8 MB.
constexpr size_t threadStackBytes = size_t{1} << 20;

#if defined(_WIN32)

// Seconds since some moment in the past.
inline double monotonicSeconds() noexcept {
  LARGE_INTEGER count, frequency;
  QueryPerformanceCounter(&count);
  QueryPerformanceFrequency(&frequency);
  return static_cast<double>(count.QuadPart) / static_cast<double>(frequency.QuadPart);
}

inline void yieldThread() noexcept { SwitchToThread(); }

inline void sleepThread(int milliseconds) noexcept { Sleep(static_cast<DWORD>(milliseconds)); }

class Mutex {
 public:
  void lock() noexcept { AcquireSRWLockExclusive(&lock_); }
  void unlock() noexcept { ReleaseSRWLockExclusive(&lock_); }
  SRWLOCK& native() noexcept { return lock_; }

 private:
  SRWLOCK lock_ = SRWLOCK_INIT;
};

class Condition {
 public:
  void wait(Mutex& mutex) noexcept {
    SleepConditionVariableSRW(&condition_, &mutex.native(), INFINITE, 0);
  }
  void wakeOne() noexcept { WakeConditionVariable(&condition_); }
  void wakeAll() noexcept { WakeAllConditionVariable(&condition_); }

 private:
  CONDITION_VARIABLE condition_ = CONDITION_VARIABLE_INIT;
};

struct Thread {
  HANDLE handle;

  template <typename Body>  // Body: a type with a static `void run(void*) noexcept`
  bool start(void* argument) noexcept {
    const auto entry = [](void* a) -> unsigned { Body::run(a); return 0; };
    handle = reinterpret_cast<HANDLE>(_beginthreadex(nullptr, threadStackBytes, entry, argument,
                                                     STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr));
    return handle != nullptr;
  }
  void join() noexcept {
    WaitForSingleObject(handle, INFINITE);
    CloseHandle(handle);
  }
};

#else

// Seconds since some moment in the past.
inline double monotonicSeconds() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

inline void yieldThread() noexcept { sched_yield(); }

inline void sleepThread(int milliseconds) noexcept {
  const timespec time = {milliseconds / 1000, (milliseconds % 1000) * 1000000L};
  nanosleep(&time, nullptr);
}

class Mutex {
 public:
  void lock() noexcept { pthread_mutex_lock(&mutex_); }
  void unlock() noexcept { pthread_mutex_unlock(&mutex_); }
  pthread_mutex_t& native() noexcept { return mutex_; }

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

class Condition {
 public:
  void wait(Mutex& mutex) noexcept { pthread_cond_wait(&condition_, &mutex.native()); }
  void wakeOne() noexcept { pthread_cond_signal(&condition_); }
  void wakeAll() noexcept { pthread_cond_broadcast(&condition_); }

 private:
  pthread_cond_t condition_ = PTHREAD_COND_INITIALIZER;
};

struct Thread {
  pthread_t handle;

  template <typename Body>  // Body: a type with a static `void run(void*) noexcept`
  bool start(void* argument) noexcept {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    pthread_attr_setstacksize(&attributes, threadStackBytes);
    const auto entry = [](void* a) -> void* { Body::run(a); return nullptr; };
    const bool started = pthread_create(&handle, &attributes, entry, argument) == 0;
    pthread_attr_destroy(&attributes);
    return started;
  }
  void join() noexcept { pthread_join(handle, nullptr); }
};

#endif

}  // namespace nadir
