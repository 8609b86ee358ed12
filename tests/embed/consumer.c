/* SPDX-License-Identifier: MIT */
/* consumer.c - someone else's program: the version it was built for is the one it runs */
#include <stdio.h>
#include <string.h>

#include <irqsim/types.h>
#include <irqsim/version.h>

int main(void)
{
    puts(irqsim_version());
    return strcmp(irqsim_version(), IRQSIM_VERSION) != 0;
}
