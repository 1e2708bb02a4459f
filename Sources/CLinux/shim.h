// The Linux interfaces that Swift's Glibc module leaves out. It holds no logic: each is declared by its own header,
// or, where that hides it behind _GNU_SOURCE, here: the macro would change structures that Glibc has already defined.
#pragma once
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

/// accept(2), with SOCK_NONBLOCK and SOCK_CLOEXEC among its flags.
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);

/// Allocates blocks of a file without writing them: fallocate(2). Mode 0 makes the file longer too.
extern int fallocate(int file, int mode, off_t offset, off_t length);

/// Names a thread, in at most 15 bytes, for those who look at the process from outside.
extern int pthread_setname_np(pthread_t thread, const char *name);
