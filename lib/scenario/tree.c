/* SPDX-License-Identifier: MIT */
/*
 * tree.c - YAML events to a flat tree that remembers where everything stood
 *
 * libyaml's event interface, not its document interface: the latter is slower
 * and forgets positions of keys. Aliases become references to what they name,
 * never copies, so a few lines cannot unfold into gigabytes.
 */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "scenario_int.h"

/* A list or map that is still open. */
typedef struct open_node {
    uint32_t node, last; /* last child so far */
    uint32_t key;        /* map: the key that waits for its value */
} open_node_t;

typedef struct reader {
    irqsim__tree_t *tree;
    irqsim__problems_t *problems;
    yaml_parser_t parser;
    open_node_t open[IRQSIM__MAX_DEPTH];
    unsigned depth;
    unsigned documents;
    bool failed;
} reader_t;

uint32_t irqsim__scenario_tree_value(const irqsim__tree_t *tree, uint32_t node)
{
    return tree->node[node].kind == IRQSIM__ALIAS ? tree->node[node].child : node;
}

const char *irqsim__scenario_tree_text(const irqsim__tree_t *tree, uint32_t node)
{
    return tree->text + tree->node[node].child;
}

void irqsim__scenario_tree_free(irqsim__tree_t *tree)
{
    free(tree->node);
    free(tree->text);
}

#define REFUSE(r, event, hint, ...)                                                                \
    ((r)->failed = true,                                                                           \
     irqsim__scenario_problem_at((r)->problems, (event)->start_mark.line + 1,                      \
                                 (event)->start_mark.column + 1, hint, __VA_ARGS__))

/* Makes room for `more` items behind `used`; the array doubles. */
static bool grow(reader_t *r, void **array, uint32_t *room, uint32_t used, size_t more, size_t size)
{
    size_t want = *room ? *room : 256;

    if (used + more <= *room)
        return true;
    while (want < used + more)
        want *= 2;
    void *const bigger = realloc(*array, want * size);
    if (!bigger) {
        r->problems->no_memory = r->failed = true;
        return false;
    }
    *array = bigger;
    *room = (uint32_t)want;
    return true;
}

/* Offset of a terminated copy of the text; 0, the empty text, if there is none. */
static uint32_t keep_text(reader_t *r, const void *bytes, size_t n)
{
    irqsim__tree_t *const tree = r->tree;
    void *array = tree->text;

    if (!grow(r, &array, &tree->text_room, tree->text_used, n + 1, 1))
        return 0;
    tree->text = array;
    const uint32_t at = tree->text_used;
    memcpy(tree->text + at, bytes, n);
    tree->text[at + n] = '\0';
    tree->text_used += (uint32_t)n + 1;
    return at;
}

static uint32_t new_node(reader_t *r, const yaml_event_t *event, irqsim__node_kind_t kind)
{
    irqsim__tree_t *const tree = r->tree;
    void *array = tree->node;

    if (!grow(r, &array, &tree->room, tree->n, 1, sizeof(*tree->node)))
        return 0;
    tree->node = array;
    tree->node[tree->n] = (irqsim__node_t){.kind = kind,
                                           .line = (uint32_t)event->start_mark.line + 1,
                                           .column = (uint32_t)event->start_mark.column + 1};
    return tree->n++;
}

/* Hangs a node under the innermost open one: as item, value, or key to come. */
static void place(reader_t *r, const yaml_event_t *event, uint32_t node)
{
    irqsim__tree_t *const tree = r->tree;

    if (r->failed || r->depth == 0)
        return;
    open_node_t *const in = &r->open[r->depth - 1];
    irqsim__node_t *const parent = &tree->node[in->node], *const n = &tree->node[node];
    n->parent = in->node;
    if (parent->kind == IRQSIM__MAP && !in->key) {
        if (n->kind != IRQSIM__SCALAR)
            REFUSE(r, event, "", "expected a key, a plain word in front of a colon");
        in->key = n->key = node;
        return;
    }
    n->key = in->key;
    parent->count++;
    in->key = 0;
    if (in->last)
        tree->node[in->last].next = node;
    else
        parent->child = node;
    in->last = node;
}

static void remember_anchor(reader_t *r, const yaml_event_t *event, const yaml_char_t *name,
                            uint32_t node)
{
    irqsim__tree_t *const tree = r->tree;

    if (!name || r->failed)
        return;
    if (tree->anchors == IRQSIM__MAX_ANCHORS) {
        REFUSE(r, event, "", "more than %u anchors", IRQSIM__MAX_ANCHORS);
        return;
    }
    const uint32_t text = keep_text(r, name, strlen((const char *)name));
    tree->anchor[tree->anchors++] = (irqsim__anchor_t){text, node};
}

static void refuse_tag(reader_t *r, const yaml_event_t *event, const yaml_char_t *tag)
{
    if (tag && strcmp((const char *)tag, "!") != 0)
        REFUSE(r, event, "leave it out: every value's type is known here",
               "tags such as %s are not part of this language",
               irqsim__scenario_quote((const char *)tag).text);
}

static void read_scalar(reader_t *r, const yaml_event_t *event)
{
    const uint32_t node = new_node(r, event, IRQSIM__SCALAR);

    refuse_tag(r, event, event->data.scalar.tag);
    if (r->failed)
        return;
    if (memchr(event->data.scalar.value, 0, event->data.scalar.length)) {
        REFUSE(r, event, "", "a zero character inside a text");
        return;
    }
    const uint32_t text = keep_text(r, event->data.scalar.value, event->data.scalar.length);
    r->tree->node[node].child = text;
    remember_anchor(r, event, event->data.scalar.anchor, node);
    place(r, event, node);
}

static void read_start(reader_t *r, const yaml_event_t *event)
{
    const bool list = event->type == YAML_SEQUENCE_START_EVENT;

    refuse_tag(r, event, list ? event->data.sequence_start.tag : event->data.mapping_start.tag);
    if (!r->failed && r->depth == IRQSIM__MAX_DEPTH)
        REFUSE(r, event, "", "nested deeper than %u levels", IRQSIM__MAX_DEPTH);
    if (r->failed)
        return;
    const uint32_t node = new_node(r, event, list ? IRQSIM__LIST : IRQSIM__MAP);
    remember_anchor(r, event,
                    list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor,
                    node);
    place(r, event, node);
    if (!r->failed)
        r->open[r->depth++] = (open_node_t){.node = node};
}

static void read_end(reader_t *r, const yaml_event_t *event)
{
    (void)event;
    r->depth--;
}

static void read_alias(reader_t *r, const yaml_event_t *event)
{
    irqsim__tree_t *const tree = r->tree;
    const char *const name = (const char *)event->data.alias.anchor;
    uint32_t i = tree->anchors;

    while (i > 0 && strcmp(tree->text + tree->anchor[i - 1].name, name) != 0)
        i--;
    if (i == 0) {
        REFUSE(r, event, "", "alias %s without an anchor above it",
               irqsim__scenario_quote(name).text);
        return;
    }
    const uint32_t target = tree->anchor[i - 1].node;
    for (unsigned d = 0; d < r->depth; d++)
        if (r->open[d].node == target) {
            REFUSE(r, event, "", "alias %s inside of what it stands for",
                   irqsim__scenario_quote(name).text);
            return;
        }
    const uint32_t node = new_node(r, event, IRQSIM__ALIAS);
    if (!node)
        return;
    tree->node[node].child = target;
    place(r, event, node);
}

static void read_document(reader_t *r, const yaml_event_t *event)
{
    if (r->documents++)
        REFUSE(r, event, "one file is one scenario", "a second document begins here");
}

static void read_nothing(reader_t *r, const yaml_event_t *event)
{
    (void)r;
    (void)event;
}

static void (*const read_event[])(reader_t *r, const yaml_event_t *event) = {
    [YAML_NO_EVENT] = read_nothing,           [YAML_STREAM_START_EVENT] = read_nothing,
    [YAML_STREAM_END_EVENT] = read_nothing,   [YAML_DOCUMENT_START_EVENT] = read_document,
    [YAML_DOCUMENT_END_EVENT] = read_nothing, [YAML_ALIAS_EVENT] = read_alias,
    [YAML_SCALAR_EVENT] = read_scalar,        [YAML_SEQUENCE_START_EVENT] = read_start,
    [YAML_SEQUENCE_END_EVENT] = read_end,     [YAML_MAPPING_START_EVENT] = read_start,
    [YAML_MAPPING_END_EVENT] = read_end,
};

/* libyaml knows a bad byte by its offset, everything else by line and column. */
static void refuse_yaml(reader_t *r, const char *bytes, size_t size)
{
    const yaml_parser_t *const p = &r->parser;
    const char *const problem = p->problem ? p->problem : "unreadable";
    uint64_t line = p->problem_mark.line + 1, column = p->problem_mark.column + 1;

    r->failed = true;
    if (p->error == YAML_MEMORY_ERROR) {
        r->problems->no_memory = true;
        return;
    }
    if (p->error == YAML_READER_ERROR) {
        line = 1;
        column = 0;
        for (size_t i = 0; i < p->problem_offset && i < size; i++)
            line += bytes[i] == '\n';
    }
    irqsim__scenario_problem_at(r->problems, line, column, "", "not YAML: %s%s%s", problem,
                                p->context ? " " : "", p->context ? p->context : "");
}

static void read_all(reader_t *r, const void *bytes, size_t size)
{
    bool more = true;

    while (more && !r->failed) {
        yaml_event_t event;

        if (!yaml_parser_parse(&r->parser, &event)) {
            refuse_yaml(r, bytes, size);
            return;
        }
        read_event[event.type](r, &event);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
}

bool irqsim__scenario_tree_read(irqsim__tree_t *tree, const void *bytes, size_t size,
                                irqsim__problems_t *problems)
{
    /* Editors of Windows begin a file with a mark; libyaml takes it for content. */
    const size_t bom = size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    reader_t r = {.tree = tree, .problems = problems};
    const yaml_event_t nowhere = {.type = YAML_NO_EVENT};

    if (size > IRQSIM__MAX_BYTES) {
        irqsim__scenario_problem_at(problems, 0, 0, "", "larger than %u MiB",
                                    IRQSIM__MAX_BYTES >> 20);
        return false;
    }
    if (!yaml_parser_initialize(&r.parser)) {
        problems->no_memory = true;
        return false;
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)bytes + bom, size - bom);
    keep_text(&r, "", 0);
    new_node(&r, &nowhere, IRQSIM__SCALAR);
    if (!r.failed)
        read_all(&r, bytes, size);
    yaml_parser_delete(&r.parser);
    if (!r.failed && tree->n < 2)
        irqsim__scenario_problem_at(problems, 0, 0, "a scenario begins with irqsim: 1",
                                    "the file is empty");
    return !r.failed && tree->n >= 2;
}
