#include "addon/environment.h"

#include <stdlib.h>

#include <new>

#include "addon/async-fit.h"
#include "optim/status.h"

namespace nadir {
namespace {

// The environment closes: a worker that ends or is terminated, or the main thread that has nothing
// left to do. Threads must not outlive it, and no completion may be sent from here on.
void closeEnvironment(void* data) noexcept {
  Environment* const environment = static_cast<Environment*>(data);
  environment->isClosing.store(true, std::memory_order_relaxed);
  environment->pool->close(static_cast<int>(Status::aborted));
  free(environment->pool);
  environment->pool = nullptr;
  while (environment->running != nullptr) {
    AsyncFit* const fit = environment->running;
    environment->removeRunning(fit);
    fit->clear(environment->env);
    fit->release(environment->env);
  }
  napi_release_threadsafe_function(environment->completion, napi_tsfn_abort);
}

void freeEnvironment(napi_env, void* data, void*) noexcept {
  Environment* const environment = static_cast<Environment*>(data);
  environment->workspace.release();
  environment->offsets.release();
  free(environment);
}

// Opens both or neither.
bool openChannel(Environment* environment) noexcept {
  napi_env env = environment->env;
  napi_value name;
  if (napi_create_string_utf8(env, "nadir", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr,
                                      environment, completeFit,
                                      &environment->completion) != napi_ok)
    return false;
  // Hooks run in reverse order: this one, which joins the threads, must come before the one by
  // which the channel closes itself, so it is added after that.
  if (napi_unref_threadsafe_function(env, environment->completion) == napi_ok &&
      napi_add_env_cleanup_hook(env, closeEnvironment, environment) == napi_ok)
    return true;
  napi_release_threadsafe_function(environment->completion, napi_tsfn_abort);
  return false;
}

}  // namespace

Pool* Environment::openPool() noexcept {
  if (pool != nullptr || isClosing.load(std::memory_order_relaxed)) return pool;
  void* const block = malloc(sizeof(Pool));
  if (block == nullptr) return nullptr;
  pool = new (block) Pool;
  if (!openChannel(this)) {
    free(pool);
    pool = nullptr;
  }
  return pool;
}

void Environment::addRunning(AsyncFit* fit) noexcept {
  if (running == nullptr) napi_ref_threadsafe_function(env, completion);
  fit->followingRunning = running;
  fit->previousRunning = nullptr;
  if (running != nullptr) running->previousRunning = fit;
  running = fit;
}

void Environment::removeRunning(AsyncFit* fit) noexcept {
  AsyncFit* const previous = fit->previousRunning;
  AsyncFit* const following = fit->followingRunning;
  (previous != nullptr ? previous->followingRunning : running) = following;
  if (following != nullptr) following->previousRunning = previous;
  if (running == nullptr) napi_unref_threadsafe_function(env, completion);
}

Environment* createEnvironment(napi_env env) noexcept {
  void* const block = malloc(sizeof(Environment));
  if (block == nullptr) return nullptr;
  Environment* const environment = new (block) Environment{};
  environment->env = env;
  environment->target = bestTarget();
  if (napi_set_instance_data(env, environment, freeEnvironment, nullptr) == napi_ok)
    return environment;
  free(environment);
  return nullptr;
}

Environment* environmentOf(napi_env env) noexcept {
  void* data = nullptr;
  return napi_get_instance_data(env, &data) == napi_ok ? static_cast<Environment*>(data) : nullptr;
}

}  // namespace nadir
