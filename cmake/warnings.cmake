# SPDX-License-Identifier: MIT
# Warnings are errors, with gcc and with clang, for our own targets only.
function(irqsim_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    -Wstrict-prototypes -Wmissing-prototypes $<$<BOOL:${IRQSIM_TOP_LEVEL}>:-Werror>)
endfunction()
