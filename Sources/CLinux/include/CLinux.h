// What Linux has and Swift's Glibc module does not export.
#ifndef TANDEM_CLINUX_H
#define TANDEM_CLINUX_H

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

/// Names the calling thread, as `ps` and debuggers show it; at most 15 bytes count.
void tandem_thread_name(const char *name);

#endif
