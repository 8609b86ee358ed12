/* SPDX-License-Identifier: MIT */
/* flow.c - the engine: frames, and the loop that runs what is on top */
#include "kernel_int.h"

static const flow_fn_t flows[FLOW_COUNT] = {
#define FLOW_ROW(name, context) [FLOW_##name] = irqsim__kernel_flow_##name,
#include "flows.def"
#undef FLOW_ROW
};

static uint32_t frame_alloc(irqsim_kernel_t *k, flow_id_t flow, uint32_t parent)
{
    const uint32_t i = k->free_frame;

    if (!i)
        return 0;
    frame_t *f = &k->frame[i - 1];
    k->free_frame = f->parent;
    k->frames_used++;
    f->parent = parent;
    f->cause = parent ? k->frame[parent - 1].cause : 0;
    f->flow = (uint16_t)flow;
    return i;
}

static uint32_t frame_free(irqsim_kernel_t *k, uint32_t i)
{
    frame_t *f = &k->frame[i - 1];
    const uint32_t parent = f->parent;

    *f = (frame_t){.parent = k->free_frame};
    k->free_frame = i;
    k->frames_used--;
    return parent;
}

static void report_overflow(irqsim_kernel_t *k, kcpu_t *c)
{
    irqsim__kernel_emit(k, c, IRQSIM_EV_STACK_OVERFLOW, 0, k->frames_used, k->n_frames, 0);
    irqsim_guest_stop(k->m, IRQSIM_E_STACK);
}

bool irqsim__kernel_frame_push(irqsim_kernel_t *k, kcpu_t *c, flow_id_t flow,
                               const locals_t *locals)
{
    const uint32_t i = frame_alloc(k, flow, c->top);

    if (!i) {
        report_overflow(k, c);
        return false;
    }
    k->frame[i - 1].v = *locals;
    c->top = i;
    return true;
}

static void frame_pop(irqsim_kernel_t *k, kcpu_t *c)
{
    c->top = frame_free(k, c->top);
}

uint32_t irqsim__kernel_frame_chain(irqsim_kernel_t *k, flow_id_t base, flow_id_t first)
{
    const uint32_t bottom = frame_alloc(k, base, 0);

    return bottom && first != FLOW_COUNT ? frame_alloc(k, first, bottom) : bottom;
}

void irqsim__kernel_frame_free_chain(irqsim_kernel_t *k, uint32_t top)
{
    while (top && k->frames_used) /* a forged chain may bite its own tail */
        top = frame_free(k, top);
}

verdict_t irqsim__kernel_flow_return(irqsim_kernel_t *k, kcpu_t *c)
{
    frame_pop(k, c);
    return FLOW_GOES;
}

/* TIME-70: interrupted user code pays for its cold caches. */
static void resume_interrupted(irqsim_kernel_t *k, kcpu_t *c)
{
    frame_t *f = &k->frame[c->top - 1];

    irqsim_guest_spend_time(k->m, c->nr, f->left);
    f->left = 0;
    if (irqsim_machine_cpu(k->m, c->nr)->regs.cpl == 3)
        irqsim_guest_spend(k->m, c->nr, k->profile->cooldown);
}

verdict_t irqsim__kernel_flow_iret(irqsim_kernel_t *k, kcpu_t *c)
{
    frame_pop(k, c);
    irqsim_guest_iret(k->m, c->nr);
    if (c->top)
        resume_interrupted(k, c);
    return FLOW_WAITS;
}

void irqsim__kernel_run(void *kernel, unsigned cpu)
{
    irqsim_kernel_t *const k = kernel;
    kcpu_t *const c = &k->cpu[cpu];
    irqsim_time_t left;

    if (irqsim_guest_entered(k->m, cpu, &left)) {
        k->frame[c->top - 1].left = left;
        irqsim__kernel_enter(k, c);
    }
    for (verdict_t verdict = FLOW_GOES; verdict == FLOW_GOES && c->top;) {
        frame_t *const f = &k->frame[c->top - 1];

        verdict = flows[f->flow](k, c, f);
    }
    if (!c->top) /* a task's first flow never ends; only a forged snapshot gets here */
        irqsim_guest_stop(k->m, IRQSIM_E_FORMAT);
}
