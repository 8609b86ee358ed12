/* SPDX-License-Identifier: MIT */
/* test_scenario_bad.c - what is wrong is said with position, path and a way out */
#include <stdio.h>
#include <string.h>

#include <irqsim/scenario.h>

#include "unit.h"

/* Problems as text: "line:column path: message [hint]\n" each. */
typedef struct log {
    char text[32768];
    size_t used;
    unsigned errors, notes;
} log_t;

static void note(void *user, const irqsim_diag_t *diag)
{
    log_t *const log = user;

    if (diag->severity == IRQSIM_NOTE)
        log->notes++;
    else
        log->errors++;
    log->used +=
        (size_t)snprintf(log->text + log->used, sizeof(log->text) - log->used,
                         "%llu:%llu %s: %s [%s]\n", (unsigned long long)diag->line,
                         (unsigned long long)diag->column, diag->path, diag->message, diag->hint);
}

static void load_bad(const void *bytes, size_t size, log_t *log)
{
    const irqsim_diag_sink_t sink = {note, log};
    irqsim_scenario_t *const untouched = (irqsim_scenario_t *)log;
    irqsim_scenario_t *s = untouched;

    ck_assert_int_eq(irqsim_scenario_load_bytes("t.yaml", bytes, size, &sink, &s), IRQSIM_E_FORMAT);
    ck_assert_ptr_eq(s, untouched);
}

/* clang-format off */
static const struct {
    const char *yaml, *problems;
} bad_files[] = {
    /* not YAML, or not one document */
    {"", "0:0 : the file is empty [a scenario begins with irqsim: 1]\n"},
    {"a: [1, 2\nb: c\n",
     "2:2 : not YAML: did not find expected ',' or ']' while parsing a flow sequence []\n"},
    {"irqsim: 1\nname: \xff\n", "2:0 : not YAML: invalid leading UTF-8 octet []\n"},
    {"irqsim: 1\n---\nirqsim: 1\n",
     "2:1 : a second document begins here [one file is one scenario]\n"},
    {"irqsim: !!int 1\n",
     "1:9 : tags such as 'tag:yaml.org,2002:int' are not part of this language "
     "[leave it out: every value's type is known here]\n"},
    {"irqsim: 1\nname: \"a\\0b\"\n", "2:7 : a zero character inside a text []\n"},
    {"irqsim: 1\n? [a, b]\n: 1\n",
     "2:3 : expected a key, a plain word in front of a colon []\n"},
    {"irqsim: *x\n", "1:9 : alias 'x' without an anchor above it []\n"},
    {"irqsim: &x [1, *x]\n", "1:16 : alias 'x' inside of what it stands for []\n"},
    {"- irqsim\n", "1:1 : expected a map of keys, found a list []\n"},

    /* keys */
    {"name: x\n", "1:1 irqsim: missing key [such as irqsim: 1]\n"},
    {"irqsim: 2\n", "1:9 irqsim: expected 1, found '2' []\n"},
    {"irqsim: 1\nmachin: {}\n", "2:1 machin: unknown key [did you mean 'machine'?]\n"},
    {"irqsim: 1\ndveices: []\n", "2:1 dveices: unknown key [did you mean 'devices'?]\n"},
    {"irqsim: 1\nfrobnicate: 1\n",
     "2:1 frobnicate: unknown key "
     "[there is: irqsim, name, machine, kernel, devices, tasks, run, seed, expect]\n"},
    {"irqsim: 1\nedviecs: []\n", "2:1 edviecs: unknown key [did you mean 'devices'?]\n"},
    {"irqsim: 1\ndexxxes: []\n",
     "2:1 dexxxes: unknown key "
     "[there is: irqsim, name, machine, kernel, devices, tasks, run, seed, expect]\n"},
    {"irqsim: 1\nmachine: {board: xx}\n",
     "2:18 machine.board: unknown board 'xx' [there is: at, mp]\n"},
    {"irqsim: 1\nseed: 1\nseed: 2\n", "3:1 seed: key given twice [it stands in line 2 already]\n"},
    {"irqsim: 1\n<<: {}\n",
     "2:1 <<: unknown key [there are no merge keys; an alias stands for a whole value]\n"},
    {"irqsim: 1\nmachine: 3\n", "2:10 machine: expected a map of keys, found '3' []\n"},
    {"irqsim: 1\nmachine:\n", "2:9 machine: expected a map of keys, found nothing []\n"},
    {"irqsim: 1\ntasks: {name: a}\n",
     "2:8 tasks: expected a list of tasks, found a map [write each behind a dash]\n"},
    {"irqsim: 1\nname: [a]\n",
     "2:7 name: expected a text such as disk storm, found a list []\n"},

    /* machine and kernel */
    {"irqsim: 1\nmachine: {profile: i486pc}\n",
     "2:20 machine.profile: unknown profile 'i486pc' [did you mean 'i486-pc'?]\n"},
    {"irqsim: 1\nmachine: {profile: i486-pc, board: mp}\n",
     "2:36 machine.board: a 486 has no APIC [use board: at]\n"},
    {"irqsim: 1\nmachine: {profile: i486-pc, cpus: 2}\n",
     "2:35 machine.cpus: 2 CPUs, but such a machine has at most 1 []\n"},
    {"irqsim: 1\nmachine: {profile: p6-mp, cpus: 16}\n",
     "2:33 machine.cpus: 16 CPUs, but such a machine has at most 14 []\n"},
    {"irqsim: 1\nmachine: {profile: p6-mp, cpus: 14}\n"
     "devices: [{name: d, irq: 30, handler: 1us, arrivals: {every: 1ms}, wire: msi}]\nrun: 1s\n",
     "3:74 devices[0].wire: 14 CPUs and an IOAPIC leave no place for MSIs on the APIC bus "
     "[use fewer CPUs, or a pin such as wire: pin 16]\n"},
    {"irqsim: 1\nmachine: {profile: p4-xapic, cpus: 256}\n",
     "2:36 machine.cpus: 256 CPUs, but such a machine has at most 255 []\n"},
    {"irqsim: 1\nmachine: {cpus: 1025}\n",
     "2:17 machine.cpus: expected an integer from 1 to 1024, found '1025' []\n"},
    {"irqsim: 1\nmachine: {cpus: 010}\n",
     "2:17 machine.cpus: expected an integer, found '010' "
     "[decimal digits, no leading zeros, no exponent]\n"},
    {"irqsim: 1\nmachine: {timing: {doirq_clk: 300ns, cpuhz: 3GHz, wake_ns: 1.5ns, sti: 5}}\n",
     "2:31 machine.timing.doirq_clk: expected clocks such as 900cycles, found '300ns' "
     "[write number and unit as one word, like 900cycles]\n"
     "2:38 machine.timing.cpuhz: unknown figure [did you mean 'cpu_hz'?]\n"
     "2:60 machine.timing.wake_ns: expected a time such as 600ns, found '1.5ns' "
     "[finer than the smallest unit can say]\n"
     "2:72 machine.timing.sti: expected clocks such as 900cycles, found '5' "
     "[a number needs its unit: write 900cycles]\n"},
    {"irqsim: 1\nmachine: {timing: {cpu_hz: 999999Hz, cpu_hz: 3GHz}}\n",
     "2:38 machine.timing.cpu_hz: key given twice []\n"
     "2:19 machine.timing.cpu_hz: expected at least 1MHz []\n"},
    {"irqsim: 1\nmachine: {timing: [1]}\n",
     "2:19 machine.timing: expected a map of timing figures [such as timing: {cpu_hz: 40MHz}]\n"},
    {"irqsim: 1\nkernel: {era: linux-2.6.24, tick: 250, frames: 1}\n",
     "2:15 kernel.era: unknown era 'linux-2.6.24' [did you mean 'linux-2.6.23'?]\n"
     "2:48 kernel.frames: expected an integer from 16 to 1000000, found '1' []\n"
     "2:35 kernel.tick: expected a frequency such as 250Hz, found '250' "
     "[a number needs its unit: write 250Hz]\n"},
    {"irqsim: 1\nkernel: {tick: 18Hz}\n", "2:16 kernel.tick: expected at least 19Hz, found '18Hz' []\n"},
    {"irqsim: 1\nkernel: {tick: 11kHz}\n", "2:16 kernel.tick: expected at most 10kHz, found '11kHz' []\n"},

    /* tasks and the run */
    {"irqsim: 1\ntasks: [{name: a}, {name: a}, {name: b, cpu: 1}, {}]\n",
     "2:20 tasks[1].name: tasks[0] has this name already []\n"
     "2:46 tasks[2].cpu: CPU 1, but the machine has only 1 []\n"
     "2:50 tasks[3].name: missing key [such as name: app0]\n"},
    {"irqsim: 1\ntasks: [{name: a b}, {name: c, computes: 2h}]\n",
     "2:16 tasks[0].name: expected a single word, found 'a b' [write it without blanks]\n"
     "2:42 tasks[1].computes: expected a time or clocks such as 10ms or 3000cycles, found '2h' "
     "[write number and unit as one word, like 10ms or 3000cycles]\n"},
    {"irqsim: 1\ntasks: [{name: a, program: [div, run, run: 10, load: 0xZ, int: 256, kill: SIGFOO]}]\n",
     "2:29 tasks[0].program[0]: unknown step 'div' [did you mean 'div0'?]\n"
     "2:34 tasks[0].program[1]: 'run' needs an operand [such as run: 10us or 3000cycles]\n"
     "2:44 tasks[0].program[2].run: expected a time or clocks such as 10us or 3000cycles, found '10' "
     "[a number needs its unit: write 10us or 3000cycles]\n"
     "2:54 tasks[0].program[3].load: expected a number such as 0x0804c000, found '0xZ' []\n"
     "2:64 tasks[0].program[4].int: expected a number up to 0xff, found '256' []\n"
     "2:75 tasks[0].program[5].kill: unknown kill 'SIGFOO' [did you mean 'SIGFPE'?]\n"},
    {"irqsim: 1\ntasks: [{name: a, program: [ioctl: nul, {run: 1us, load: 4}, [1], {}, jump: 4]}]\n",
     "2:36 tasks[0].program[0].ioctl: unknown ioctl 'nul' [did you mean 'null'?]\n"
     "2:41 tasks[0].program[1]: expected one step [write each behind a dash]\n"
     "2:62 tasks[0].program[2]: expected a step such as div0, found a list []\n"
     "2:67 tasks[0].program[3]: expected one step [write each behind a dash]\n"
     "2:71 tasks[0].program[4].jump: unknown key "
     "[there is: run, load, store, stack, int, read, kill, ioctl, exit]\n"},
    {"irqsim: 1\ntasks: [{name: a, program: []}, {name: b, program: 3}]\n",
     "2:28 tasks[0].program: a program has a step at least [such as [run: 10us, div0]]\n"
     "2:52 tasks[1].program: expected a list of steps, found '3' [write each behind a dash]\n"},
    {"irqsim: 1\ntasks:\n- name: a\n  program: [ud2]\n  computes: 1ms\n"
     "  signals: [{signal: SIGKILL, takes: 1us}, {signal: SIGFPE},\n"
     "    {signal: SIGFPE, ignored: yes, takes: 1us}, 3]\n- {name: b, signals: []}\n",
     "6:22 tasks[0].signals[0].signal: unknown signal 'SIGKILL' [did you mean 'SIGILL'?]\n"
     "6:44 tasks[0].signals[1].takes: missing key [such as takes: 2us or 2000cycles]\n"
     "7:5 tasks[0].signals[2].ignored: what is ignored has no handler []\n"
     "7:5 tasks[0].signals[2].signal: it has an action already []\n"
     "7:49 tasks[0].signals[3]: expected a map of keys, found '3' []\n"
     "5:13 tasks[0].computes: does not go with 'program' "
     "[a program computes by its steps: run: 10ms]\n"
     "8:22 tasks[1].signals: a task without 'program' gets no signals []\n"},
    {"irqsim: 1\nrun: 0us\n", "2:6 run: expected more than 0, found '0us' []\n"},
    {"irqsim: 1\nrun: 1e3\n",
     "2:6 run: expected a time such as 1s, found '1e3' "
     "[write number and unit as one word, like 1s]\n"},
    {"irqsim: 1\nname: \"a\\x07\\nb\"\n", "2:7 name: expected one line of text, found 'a??b' []\n"},

    /* devices: D(...) below has what every device needs */
#define D(more) "irqsim: 1\nrun: 1s\ndevices:\n- {name: d, " more "}\n"
#define OFTEN   "handler: 1us, arrivals: {every: 1ms}"
    {D("x: 1"),
     "4:13 devices[0].x: unknown key [there is: name, irq, wire, trigger, polarity, cpu, shared, "
     "irqs_off, handler, defers, arrivals, pulse]\n"
     "4:3 devices[0].irq: missing key [such as irq: 14]\n"
     "4:3 devices[0].arrivals: missing key [such as arrivals: {every: 100us}]\n"},
    {D("irq: 40, handler: 10, arrivals: {every: 1ms}"),
     "4:31 devices[0].handler: expected a time or clocks such as 3us or 3000cycles, found '10' "
     "[a number needs its unit: write 3us or 3000cycles]\n"},
    {D("irq: 40, arrivals: {every: 1ms}"),
     "4:3 devices[0].handler: missing key [such as handler: 3us or 3000cycles]\n"},
    {D("irq: 65536, shared: maybe, " OFTEN),
     "4:18 devices[0].irq: expected an integer from 0 to 65535, found '65536' []\n"
     "4:33 devices[0].shared: expected yes or no, found 'maybe' []\n"},
    {D("irq: 40, cpu: 1, " OFTEN), "4:27 devices[0].cpu: CPU 1, but the machine has only 1 []\n"},
    {D("irq: 40, wire: pin14, " OFTEN),
     "4:28 devices[0].wire: expected 'pin N' or 'msi', found 'pin14' [such as wire: pin 14]\n"},
    {D("irq: 40, wire: pin 24, " OFTEN),
     "4:28 devices[0].wire: 24 is not an IOAPIC pin: they are 0 to 23 []\n"},
    {D("irq: 40, wire: pin 2, " OFTEN), "4:28 devices[0].wire: pin 2 is the board's own []\n"},
    {D("irq: 40, trigger: egde, " OFTEN),
     "4:31 devices[0].trigger: unknown trigger 'egde' [did you mean 'edge'?]\n"
     "4:31 devices[0].trigger: an MSI has no trigger "
     "[give the device a pin, such as wire: pin 16]\n"},
    {D("irq: 40, shared: yes, " OFTEN),
     "4:30 devices[0].shared: an MSI cannot be shared []\n"},

    /* arrivals */
#define A(arrivals) D("irq: 40, handler: 1us, arrivals: " arrivals)
    {D("irq: 40, defers: [{bug: nul}, {bug: wild, takes: 1us}], " OFTEN),
     "4:37 devices[0].defers[0].bug: unknown bug 'nul' [did you mean 'null'?]\n"
     "4:62 devices[0].defers[1].takes: does not go with 'bug' []\n"},
    {A("{}"), "4:46 devices[0].arrivals: nothing says when "
              "[one of every, poisson, burst, recorded]\n"},
    {A("{evry: 1ms}"),
     "4:47 devices[0].arrivals.evry: unknown key [did you mean 'every'?]\n"
     "4:46 devices[0].arrivals: nothing says when [one of every, poisson, burst, recorded]\n"},
    {A("{every: 10}"),
     "4:54 devices[0].arrivals.every: expected a time such as 100us, found '10' "
     "[a number needs its unit: write 100us]\n"},
    {A("{every: 10cycles}"),
     "4:54 devices[0].arrivals.every: expected a time such as 100us, found '10cycles' "
     "[write number and unit as one word, like 100us]\n"},
    {A("{every: 1ms, poisson: 1ms}"),
     "4:54 devices[0].arrivals.every: does not go with 'poisson' []\n"},
    {A("{burst: 3, every: 1ms}"),
     "4:46 devices[0].arrivals.gap: missing key, 'burst' needs it []\n"},
    {A("{burst: 11, gap: 100us, every: 1ms}"),
     "4:54 devices[0].arrivals.burst: a burst takes longer than the time to the next "
     "[make 'every' longer, or 'gap' shorter]\n"},
    {A("{every: 1ms, count: 0}"),
     "4:66 devices[0].arrivals.count: expected an integer from 1 to 18446744073709551615, "
     "found '0' []\n"},
    {A("{recorded: x, irq: 1}"),
     "4:31 devices[0].handler: recorded arrivals bring their own work []\n"},
    {"irqsim: 1\ndevices: [{name: d, irq: 40, " OFTEN "}]\n",
     "2:54 devices[0].arrivals: these arrivals never end, and there is no 'run' "
     "[say how long with run: 1s, or how often with count: 1000]\n"},

    /* deferred work */
#define W(defers) D("irq: 40, " OFTEN ", defers: " defers)
    {W("[{}]"), "4:69 devices[0].defers[0]: nothing says what is deferred "
                "[one of softirq, work, reschedule, call_function, bug]\n"},
    {W("[{softirq: BLOK, takes: 1us}]"),
     "4:79 devices[0].defers[0].softirq: linux-modern has no softirq 'BLOK' "
     "[did you mean 'BLOCK'?]\n"},
    {W("[{work: w, then: [{softirq: RCU}]}]"),
     "4:69 devices[0].defers[0].takes: missing key [such as takes: 8us or 8000cycles]\n"
     "4:86 devices[0].defers[0].then[0].takes: missing key "
     "[such as takes: 8us or 8000cycles]\n"},
    {W("[{reschedule: 1}, {reschedule: 0, takes: 1us}, {work: w, takes: 1us, repeat: 1}]"),
     "4:82 devices[0].defers[0].reschedule: CPU 1, but the machine has only 1 []\n"
     "4:109 devices[0].defers[1].takes: does not go with 'reschedule' []\n"
     "4:145 devices[0].defers[2].repeat: does not go with 'work' []\n"},
#define CALL "smp_call_function() must not be called from an interrupt or a softirq " \
             "[only under the 'then' of a work]\n"
    {W("[{call_function: others}]") "machine: {cpus: 2}\n",
     "4:85 devices[0].defers[0].call_function: " CALL},
    {W("[{work: w, takes: 1us, then: [{softirq: RCU, takes: 1us, then: [{call_function: others}]},"
       " {call_function: others}]}, {call_function: others}]") "machine: {cpus: 2}\n",
     "4:148 devices[0].defers[0].then[0].then[0].call_function: " CALL
     "4:202 devices[0].defers[1].call_function: " CALL},
    {W("[{work: w, takes: 1us, then: [{call_function: others}]}]"),
     "4:114 devices[0].defers[0].then[0].call_function: the machine has no other CPU to call "
     "[such as machine: {cpus: 2}]\n"},
    {W("[{work: w, takes: 1us, then: [{call_function: other, takes: 1us}]}]")
       "machine: {cpus: 2}\n",
     "4:114 devices[0].defers[0].then[0].call_function: unknown call_function 'other' "
     "[did you mean 'others'?]\n"
     "4:128 devices[0].defers[0].then[0].takes: does not go with 'call_function' []\n"},
    {W("[{softirq: RCU, takes: 1us, repeat: 0}]"),
     "4:104 devices[0].defers[0].repeat: expected an integer from 1 to 4294967294, found '0' []\n"},

    /* sharing, and board at */
#define AT "irqsim: 1\nrun: 1s\nmachine: {profile: i486-pc}\ndevices:\n"
    {AT "- {name: a, irq: 40, " OFTEN "}\n",
     "5:18 devices[0].irq: 40 is not an ISA line: they are 0 to 15 [say which with wire: pin N]\n"},
    {AT "- {name: a, irq: 40, wire: msi, " OFTEN "}\n",
     "5:28 devices[0].wire: board at has no message-signalled interrupts [such as wire: pin 11]\n"},
    {AT "- {name: a, irq: 9, polarity: low, " OFTEN "}\n",
     "5:31 devices[0].polarity: only IOAPIC pins have a polarity []\n"},
    {AT "- {name: a, irq: 9, " OFTEN ", defers: [{reschedule: 0}]}\n",
     "5:81 devices[0].defers[0].reschedule: board at has one CPU and no IPIs []\n"},
    {AT "- {name: a, irq: 9, " OFTEN ", defers: [{call_function: others}]}\n",
     "5:84 devices[0].defers[0].call_function: board at has one CPU and no IPIs []\n"
     "5:84 devices[0].defers[0].call_function: " CALL},
    {AT "- {name: a, irq: 9, " OFTEN "}\n- {name: b, irq: 9, shared: yes, " OFTEN "}\n",
     "6:18 devices[1].irq: irq 9 is devices[0]'s, and they do not share it "
     "[shared: yes for both]\n"},
    {AT "- {name: a, irq: 9, shared: yes, " OFTEN "}\n"
     "- {name: b, irq: 9, wire: pin 10, shared: yes, " OFTEN "}\n",
     "6:18 devices[1].irq: irq 9 is devices[0]'s, wired in another way "
     "[the same wire, trigger, polarity and cpu for all]\n"},
    {AT "- {name: a, irq: 9, " OFTEN "}\n- {name: b, irq: 10, wire: pin 9, " OFTEN "}\n",
     "6:28 devices[1].wire: pin 9 is wired to irq 9 already []\n"},

    /* expectations */
#define E(line) "irqsim: 1\ntasks: [{name: app0}]\nexpect:\n- " line "\n"
    {E("irq 14 lst == 0"),
     "4:3 expect[0]: expected a count of an irq, found 'lst' [did you mean 'lost'?]\n"},
    {E("irq x lost == 0"),
     "4:3 expect[0]: expected an irq number, found 'x' [such as irq 14 lost == 0]\n"},
    {E("irq 14 lost = 0"),
     "4:3 expect[0]: expected a comparison, found '=' [did you mean '=='?]\n"},
    {E("irq 14 lost =="), "4:3 expect[0]: expected an integer, found the end []\n"},
    {E("irq 14 lost == 0 please"), "4:3 expect[0]: expected the end, found 'please' []\n"},
    {E("irq 14 lost < 0"),
     "4:3 expect[0]: nothing is less than 0, so this never holds []\n"},
    {E("line_to_ack p98 <= 50us"),
     "4:3 expect[0]: expected one of a stage's figures, found 'p98' [did you mean 'p90'?]\n"},
    {E("line_to_ack p99 <= 50"),
     "4:3 expect[0]: expected a time such as 50us, found '50' "
     "[a number needs its unit: write 50us]\n"},
    {E("task app1 ran >= 1ms"),
     "4:3 expect[0]: expected a task, found 'app1' [did you mean 'app0'?]\n"},
    {E("task app0 run >= 1ms"),
     "4:3 expect[0]: expected 'ran' or 'signal', found 'run' [did you mean 'ran'?]\n"},
    {E("softirq BLOCK lost == 0"),
     "4:3 expect[0]: expected a count of a softirq, found 'lost' [there is: raised, executed]\n"},
    {E("line2ack p99 <= 1us"),
     "4:3 expect[0]: expected 'irq', 'softirq', 'task', 'all' or a stage, found 'line2ack' "
     "[there is: irq, all, softirq, task, line_to_ack, ack_to_handler, arrival_to_claim, "
     "handler, raise_to_softirq, queue_to_work]\n"},
    {E("[irq, 14]"),
     "4:3 expect[0]: expected an expectation such as irq 14 lost == 0, found a list []\n"},
    {E("a b c d e f g h i"),
     "4:3 expect[0]: no expectation is as long as that [such as irq 14 lost == 0]\n"},
};
/* clang-format on */

START_TEST(a_bad_file_is_told_where_and_why)
{
    log_t log = {.used = 0};

    load_bad(bad_files[_i].yaml, strlen(bad_files[_i].yaml), &log);
    ck_assert_str_eq(log.text, bad_files[_i].problems);
}
END_TEST

START_TEST(problems_in_an_alias_are_told_where_it_was_written)
{
    const char *const yaml = "irqsim: 1\n"
                             "run: 1s\n"
                             "devices:\n"
                             "- {name: a, irq: 40, handler: 1us, arrivals: &x {every: 5}}\n"
                             "- {name: b, irq: 41, handler: 1us, arrivals: *x}\n";
    const char *const once = "4:57 devices[0].arrivals.every: expected a time such as 100us, "
                             "found '5' [a number needs its unit: write 100us]\n";
    log_t log = {.used = 0};

    load_bad(yaml, strlen(yaml), &log);
    ck_assert_uint_eq(log.errors, 2);
    ck_assert_int_eq(strncmp(log.text, once, strlen(once)), 0);
    ck_assert_str_eq(log.text + strlen(once), once);
}
END_TEST

START_TEST(fifty_problems_are_enough)
{
    char yaml[4096] = "irqsim: 1\n";
    log_t log = {.used = 0};

    for (unsigned i = 0; i < 200; i++)
        sprintf(yaml + strlen(yaml), "k%u: 1\n", i);
    load_bad(yaml, strlen(yaml), &log);
    ck_assert_uint_eq(log.errors, 50);
    ck_assert_uint_eq(log.notes, 1);
}
END_TEST

START_TEST(deep_nesting_ends_at_a_limit)
{
    static char brackets[200000];
    log_t log = {.used = 0};

    memset(brackets, '[', sizeof(brackets));
    load_bad(brackets, sizeof(brackets), &log);
    ck_assert_str_eq(log.text, "1:33 : nested deeper than 32 levels []\n");
}
END_TEST

/* Ten aliases of ten aliases of ...: 10^7 pieces of work in a few lines. */
START_TEST(nested_aliases_do_not_unfold_for_ever)
{
    char yaml[4096] = "irqsim: 1\nrun: 1s\ndevices:\n- name: d\n  irq: 40\n  handler: 1us\n"
                      "  arrivals: {every: 1ms}\n  defers:\n";
    log_t log = {.used = 0};

    for (unsigned level = 0; level < 7; level++) {
        sprintf(yaml + strlen(yaml), "  - &l%u {work: w, takes: 1us", level);
        for (unsigned i = 0; level > 0 && i < 10; i++)
            sprintf(yaml + strlen(yaml), "%s*l%u", i ? ", " : ", then: [", level - 1);
        strcat(yaml, level > 0 ? "]}\n" : "}\n");
    }
    load_bad(yaml, strlen(yaml), &log);
    ck_assert_uint_eq(log.errors, 1);
    ck_assert_ptr_nonnull(strstr(log.text, "more than 65536 pieces of deferred work"));
}
END_TEST

START_TEST(then_nests_to_a_limit)
{
    char yaml[4096] = "irqsim: 1\nrun: 1s\ndevices:\n- name: d\n  irq: 40\n  handler: 1us\n"
                      "  arrivals: {every: 1ms}\n  defers: ";
    log_t log = {.used = 0};

    for (unsigned level = 0; level < 9; level++)
        strcat(yaml, "[{work: w, takes: 1us, then: ");
    strcat(yaml, "[]");
    for (unsigned level = 0; level < 9; level++)
        strcat(yaml, "}]");
    load_bad(yaml, strlen(yaml), &log);
    ck_assert_uint_eq(log.errors, 1);
    ck_assert_ptr_nonnull(strstr(log.text, "more than 8 levels of 'then'"));
}
END_TEST

START_TEST(a_huge_file_is_refused_unread)
{
    const size_t size = ((size_t)16 << 20) + 1;
    char *const blanks = malloc(size);
    log_t log = {.used = 0};

    memset(blanks, ' ', size);
    load_bad(blanks, size, &log);
    ck_assert_str_eq(log.text, "0:0 : larger than 16 MiB []\n");
    free(blanks);
}
END_TEST

START_TEST(a_missing_file_is_an_io_error)
{
    log_t log = {.used = 0};
    const irqsim_diag_sink_t sink = {note, &log};
    irqsim_scenario_t *s;

    ck_assert_int_eq(irqsim_scenario_load("/nonexistent/x.yaml", &sink, &s), IRQSIM_E_IO);
    ck_assert_str_eq(log.text, "0:0 : cannot be read []\n");
    ck_assert_int_eq(irqsim_scenario_load("/", NULL, &s), IRQSIM_E_IO);
}
END_TEST

UNIT_MAIN("scenario_bad",
          UNIT_LOOP(a_bad_file_is_told_where_and_why, 0,
                    (int)(sizeof(bad_files) / sizeof(bad_files[0]))),
          UNIT_TEST(problems_in_an_alias_are_told_where_it_was_written),
          UNIT_TEST(fifty_problems_are_enough), UNIT_TEST(deep_nesting_ends_at_a_limit),
          UNIT_TEST(nested_aliases_do_not_unfold_for_ever), UNIT_TEST(then_nests_to_a_limit),
          UNIT_TEST(a_huge_file_is_refused_unread), UNIT_TEST(a_missing_file_is_an_io_error))
