/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Put in front of a syslog-ng that is not built with ThreadSanitizer, behind libtsan.  GLib's mutexes are futexes,
 * which ThreadSanitizer does not see: here they tell it.  gettext takes locks before libtsan is ready and then waits
 * for ever: here it translates nothing. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <glib.h>

void __tsan_mutex_destroy(void *address, unsigned flags);
void __tsan_mutex_pre_lock(void *address, unsigned flags);
void __tsan_mutex_post_lock(void *address, unsigned flags, int recursion);
int __tsan_mutex_pre_unlock(void *address, unsigned flags);
void __tsan_mutex_post_unlock(void *address, unsigned flags);
void __tsan_acquire(void *address);
void __tsan_release(void *address);

#undef g_once_init_enter
#undef g_once_init_leave

#define TRY (1u << 4)
#define TRY_FAILED (1u << 5)

/* What the next library calls so. */
#define NEXT(function)                                                                                                 \
  ({                                                                                                                   \
    static __typeof__(&(function)) next;                                                                               \
    if (!next)                                                                                                         \
      *(void **) &next = dlsym(RTLD_NEXT, #function);                                                                  \
    next;                                                                                                              \
  })

void
g_mutex_lock(GMutex *mutex)
{
  __tsan_mutex_pre_lock(mutex, 0);
  NEXT(g_mutex_lock)(mutex);
  __tsan_mutex_post_lock(mutex, 0, 0);
}

gboolean
g_mutex_trylock(GMutex *mutex)
{
  __tsan_mutex_pre_lock(mutex, TRY);
  gboolean taken = NEXT(g_mutex_trylock)(mutex);
  __tsan_mutex_post_lock(mutex, taken ? TRY : TRY | TRY_FAILED, 0);
  return taken;
}

void
g_mutex_unlock(GMutex *mutex)
{
  __tsan_mutex_pre_unlock(mutex, 0);
  NEXT(g_mutex_unlock)(mutex);
  __tsan_mutex_post_unlock(mutex, 0);
}

void
g_mutex_clear(GMutex *mutex)
{
  __tsan_mutex_destroy(mutex, 0);
  NEXT(g_mutex_clear)(mutex);
}

/* GLib leaves the mutex and takes it again by ways of its own. */
static void
_leave(GMutex *mutex)
{
  __tsan_mutex_pre_unlock(mutex, 0);
  __tsan_mutex_post_unlock(mutex, 0);
}

static void
_take(GMutex *mutex)
{
  __tsan_mutex_pre_lock(mutex, 0);
  __tsan_mutex_post_lock(mutex, 0, 0);
}

void
g_cond_wait(GCond *cond, GMutex *mutex)
{
  _leave(mutex);
  NEXT(g_cond_wait)(cond, mutex);
  _take(mutex);
}

gboolean
g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_time)
{
  _leave(mutex);
  gboolean signalled = NEXT(g_cond_wait_until)(cond, mutex, end_time);
  _take(mutex);
  return signalled;
}

/* A queue's lock is inside GLib: what is pushed happened before it is popped. */
void
g_async_queue_push(GAsyncQueue *queue, gpointer data)
{
  __tsan_release(queue);
  NEXT(g_async_queue_push)(queue, data);
}

gpointer
g_async_queue_pop(GAsyncQueue *queue)
{
  gpointer data = NEXT(g_async_queue_pop)(queue);
  __tsan_acquire(queue);
  return data;
}

/* A pool's work: so is what a pool does, before it is freed. */
typedef struct
{
  GFunc function;
  gpointer user_data;
} Work;

static void
_work(gpointer data, gpointer user_data)
{
  Work *work = user_data;
  __tsan_acquire(work);
  work->function(data, work->user_data);
  __tsan_release(work);
}

GThreadPool *
g_thread_pool_new(GFunc function, gpointer user_data, gint threads, gboolean exclusive, GError **error)
{
  Work *work = g_new(Work, 1); /* for as long as the process lives */
  *work = (Work){ function, user_data };
  __tsan_release(work);
  return NEXT(g_thread_pool_new)(_work, work, threads, exclusive, error);
}

gboolean
g_thread_pool_push(GThreadPool *pool, gpointer data, GError **error)
{
  __tsan_release(pool->user_data);
  return NEXT(g_thread_pool_push)(pool, data, error);
}

void
g_thread_pool_free(GThreadPool *pool, gboolean immediate, gboolean wait)
{
  Work *work = pool->user_data;
  NEXT(g_thread_pool_free)(pool, immediate, wait);
  __tsan_acquire(work);
}

gboolean
g_once_init_enter(volatile void *location)
{
  gboolean first = NEXT(g_once_init_enter)(location);
  if (!first)
    __tsan_acquire((void *) location);
  return first;
}

void
g_once_init_leave(volatile void *location, gsize result)
{
  __tsan_release((void *) location);
  NEXT(g_once_init_leave)(location, result);
}

static char *
_plain(const char *text)
{
  return (char *) text;
}

char *gettext(const char *text);
char *dgettext(const char *domain, const char *text);
char *dcgettext(const char *domain, const char *text, int category);
char *ngettext(const char *one, const char *many, unsigned long n);
char *dngettext(const char *domain, const char *one, const char *many, unsigned long n);
char *dcngettext(const char *domain, const char *one, const char *many, unsigned long n, int category);

char *
gettext(const char *text)
{
  return _plain(text);
}

char *
dgettext(const char *domain, const char *text)
{
  (void) domain;
  return _plain(text);
}

char *
dcgettext(const char *domain, const char *text, int category)
{
  (void) domain, (void) category;
  return _plain(text);
}

char *
ngettext(const char *one, const char *many, unsigned long n)
{
  return _plain(n == 1 ? one : many);
}

char *
dngettext(const char *domain, const char *one, const char *many, unsigned long n)
{
  (void) domain;
  return _plain(n == 1 ? one : many);
}

char *
dcngettext(const char *domain, const char *one, const char *many, unsigned long n, int category)
{
  (void) domain, (void) category;
  return _plain(n == 1 ? one : many);
}

char *textdomain(const char *domain);
char *bindtextdomain(const char *domain, const char *folder);
char *bind_textdomain_codeset(const char *domain, const char *codeset);

char *
textdomain(const char *domain)
{
  return _plain(domain);
}

char *
bindtextdomain(const char *domain, const char *folder)
{
  (void) domain;
  return _plain(folder);
}

char *
bind_textdomain_codeset(const char *domain, const char *codeset)
{
  (void) domain;
  return _plain(codeset);
}
