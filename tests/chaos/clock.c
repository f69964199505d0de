/* The clock of one process, set forward or back: what it is told of the time is so many seconds off.
 *
 * Loaded before everything else (LD_PRELOAD). The file that FILO_TEST_CLOCK names holds the offset: a signed number of
 * seconds, eight bytes. It is mapped, so that a jump is seen at the next look at the clock. Only the time of day is
 * changed: what measures spans (CLOCK_MONOTONIC) goes on as it does when somebody sets a real clock.
 *
 * And a name of the whole internet, under which the networks of a run reach it, leads to this machine (town.NAME).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset;

__attribute__((constructor)) static void look(void) {
	const char *path = getenv("FILO_TEST_CLOCK");
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (file < 0)
		return;
	void *found = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
	close(file);
	if (found != MAP_FAILED)
		offset = found;
}

static int real(clockid_t which, struct timespec *at) {
	static int (*next)(clockid_t, struct timespec *);
	if (!next)
		next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	return next ? next(which, at) : (int)syscall(SYS_clock_gettime, which, at);
}

int clock_gettime(clockid_t which, struct timespec *at) {
	int result = real(which, at);
	if (result == 0 && offset && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
		at->tv_sec += *offset;
	return result;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
	struct timespec now;
	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	if (at) {
		at->tv_sec = now.tv_sec;
		at->tv_usec = now.tv_nsec / 1000;
	}
	return 0;
}

time_t time(time_t *at) {
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (at)
		*at = now.tv_sec;
	return now.tv_sec;
}

int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
		struct addrinfo **restrict found) {
	static int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	if (!next)
		next = (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(
			RTLD_NEXT, "getaddrinfo");
	if (!next)
		return EAI_FAIL;
	return next(node && strcmp(node, "filo.chaos.example") == 0 ? "127.0.0.1" : node, service, hints, found);
}
