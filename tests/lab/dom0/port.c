/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * port NUMBER [FILE]: sends standard input, or FILE, out of an I/O port, where
 * QEMU's isa-debugcon writes it to a file on the host: bytes as they are, with
 * no terminal in between. A PV dom0 reaches ports through Xen, which costs a
 * trap an instruction, not a byte: hence `rep outsb', and not a serial port,
 * which is a hundred times slower.
 *
 * On SIGTERM it sends what there is and ends, even if somebody still holds the
 * other end of its input. A FIFO is given as FILE: whoever writes to it then
 * waits until we are ready for that signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <unistd.h>

static int input = STDIN_FILENO;

static void finish(int signal)
{
    (void)signal;
    fcntl(input, F_SETFL, O_NONBLOCK);
}

static void send_bytes(unsigned short port, const char *bytes, size_t count)
{
    __asm__ volatile("rep outsb"
                     : "+S"(bytes), "+c"(count)
                     : "d"(port)
                     : "memory");
}

int main(int argc, char **argv)
{
    struct sigaction action = { .sa_handler = finish };
    unsigned short port;
    char buffer[4096];
    ssize_t count;

    if (argc < 2) return 64;
    port = (unsigned short)strtoul(argv[1], NULL, 0);
    if (ioperm(port, 1, 1)) {
        perror("port: ioperm");
        return 1;
    }
    sigaction(SIGTERM, &action, NULL);
    if (argc > 2) input = open(argv[2], O_RDONLY);
    if (input < 0) {
        perror("port: open");
        return 1;
    }

    for (;;) {
        count = read(input, buffer, sizeof(buffer));
        if (count > 0)
            send_bytes(port, buffer, (size_t)count);
        else if (count == 0 || errno != EINTR)
            return 0;
    }
}
