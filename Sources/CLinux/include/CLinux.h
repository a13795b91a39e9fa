// What Linux has and Swift's Glibc module does not export.
#ifndef TANDEM_CLINUX_H
#define TANDEM_CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

/// Names the calling thread, as `ps` and debuggers show it; at most 15 bytes count.
void tandem_thread_name(const char *name);

/// CRC-32C (Castagnoli) of `length` bytes, continuing from `seed` (0 to begin), by the processor where it can.
uint32_t tandem_crc32c(uint32_t seed, const void *data, size_t length);

/// Starts writing a file's range to its disk without waiting for it. 0, or -1 and errno.
int tandem_start_writing(int descriptor, int64_t offset, int64_t length);

/// `accept4` with a non-blocking, close-on-exec socket; `address` is a `struct sockaddr`.
int tandem_accept(int listener, void *address, unsigned *length);

/// Lets a thread, of whatever process, run on the cores of a mask only, the first 64 being what it can name. 0, or -1 and errno.
int tandem_bind_thread(int thread, uint64_t cores);

#endif
