/* SPDX-License-Identifier: MIT */
/* bits.c - bytes as hexadecimal and as base64 (RFC 4648), both ways */
#include <string.h>

#include "qtest_int.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void irqsim__qtest_to_hex(const uint8_t *bytes, size_t n, char *text)
{
    for (size_t i = 0; i < n; i++) {
        *text++ = hex_digits[bytes[i] >> 4];
        *text++ = hex_digits[bytes[i] & 0xF];
    }
}

static int hex_value(char c)
{
    const int lower = c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c;
    const char *at = lower ? strchr(hex_digits, lower) : NULL;

    return at ? (int)(at - hex_digits) : -1;
}

bool irqsim__qtest_from_hex(const char *text, uint8_t *bytes, size_t n)
{
    if (strncmp(text, "0x", 2) != 0 || strlen(text + 2) != 2 * n)
        return false;
    text += 2;
    for (size_t i = 0; i < n; i++) {
        const int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Three bytes are four digits; where bytes lack at the end, '=' stands. */
void irqsim__qtest_to_base64(const uint8_t *bytes, size_t n, char *text)
{
    for (size_t i = 0; i < n; i += 3) {
        const uint32_t three = (uint32_t)bytes[i] << 16 |
                               (i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (i + 2 < n ? bytes[i + 2] : 0u);
        *text++ = base64_digits[three >> 18];
        *text++ = base64_digits[three >> 12 & 63];
        *text++ = i + 1 < n ? base64_digits[three >> 6 & 63] : '=';
        *text++ = i + 2 < n ? base64_digits[three & 63] : '=';
    }
}

static int base64_value(char c)
{
    const char *at = c ? strchr(base64_digits, c) : NULL;

    return at ? (int)(at - base64_digits) : -1;
}

bool irqsim__qtest_from_base64(const char *text, uint8_t *bytes, size_t n)
{
    const size_t digits = (8 * n + 5) / 6;
    uint32_t bits = 0;
    unsigned held = 0;

    if (strlen(text) != BASE64_CHARS(n) || strspn(text + digits, "=") != strlen(text + digits))
        return false;
    for (size_t i = 0; i < digits; i++) {
        const int value = base64_value(text[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *bytes++ = (uint8_t)(bits >> held);
        }
    }
    return true;
}
