# SPDX-License-Identifier: MIT
# A build for fuzzing: everything is instrumented, mistakes end the program.
if(NOT CMAKE_C_COMPILER_ID MATCHES Clang)
  message(FATAL_ERROR "IRQSIM_FUZZ needs clang (libFuzzer); this is ${CMAKE_C_COMPILER_ID}")
endif()
add_compile_options(-g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
add_link_options(-fsanitize=address,undefined)
