/* SPDX-License-Identifier: MIT */
/*
 * test_machine_order_serial.c - the same laws where messages travel by the APIC bus
 */
#include <irqsim/profile.h>

#define PROFILE IRQSIM_P6_MP
#include "test_machine_order.c"
